"""Subjects for the store's tests: a school, people, and one of each lifecycle. Everybody here is made up."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from deployments.sample.words import Level, Platform
from schemas.columns import table_of
from schemas.machinery import AuditEntry
from schemas.outcome import Move, Subject
from schemas.people import Person, School
from schemas.states import INITIAL, AccessState, AccountState, IncidentState, LeaveState, RequestState, State
from schemas.words import AccessRole, ChannelKind, CustodyMode, PersonKind, SubjectKind, Via
from tasks.store.audit import Actor
from tasks.store.session import Session
from tasks.store.transition import TABLE, begin

KIND: Mapping[type[State], SubjectKind] = {
    RequestState: SubjectKind.REQUEST,
    AccountState: SubjectKind.ACCOUNT,
    AccessState: SubjectKind.ACCESS,
    LeaveState: SubjectKind.LEAVE,
    IncidentState: SubjectKind.INCIDENT,
}


async def add(session: Session, table: type[Any], **values: Any) -> int:
    """One row of any table; its id."""
    made = await session.run(insert(table_of(table)).values(**values).returning(table_of(table).c.id))
    return int(made.scalar_one())


async def a_school(session: Session, number: int = 1) -> int:
    return await add(
        session,
        School,
        source_id=f"school-{number}",
        name=f"Lakeside School {number}",
        is_division=False,
        active=True,
    )


async def a_person(session: Session, number: int = 1) -> int:
    return await add(
        session,
        Person,
        given_name="Robin",
        family_name=f"Example{number}",
        email=f"robin{number}@example.org",
        kind=PersonKind.STAFF,
        position="teacher",
        active=True,
    )


def actor(person: int) -> Actor:
    return Actor(person, Via.COMMAND)


async def a_request(session: Session, person: int, now: datetime) -> Subject:
    return await begin(
        session,
        SubjectKind.REQUEST,
        state=RequestState.SUBMITTED,
        actor=actor(person),
        control="approval",
        cause="request",
        now=now,
        requester_id=person,
        level=Level.SCHOOL,
        channel=ChannelKind.SOCIAL_MEDIA,
        platform=Platform.INSTAGRAM,
        handle="@lakeside",
        wish={"purpose": "news of the school"},
        revision=1,
        handed_in_at=now,
        recorded_via=Via.COMMAND,
        reasons=[],
    )


async def an_account(session: Session, person: int, now: datetime, handle: str = "lakeside") -> Subject:
    return await begin(
        session,
        SubjectKind.ACCOUNT,
        state=AccountState.APPROVED,
        actor=actor(person),
        control="approval",
        cause="approval",
        now=now,
        level=Level.SCHOOL,
        channel=ChannelKind.SOCIAL_MEDIA,
        platform=Platform.INSTAGRAM,
        handle=f"@{handle}",
        handle_key=handle,
        purpose="news of the school",
        custody=CustodyMode.PERSONAL_ADMINISTRATORS,
        custodian_is_administrator=False,
    )


async def an_access(session: Session, account: Subject, person: int, now: datetime) -> Subject:
    return await begin(
        session,
        SubjectKind.ACCESS,
        state=AccessState.WAITING,
        actor=actor(person),
        control="privacy-course",
        cause="approval",
        now=now,
        account_id=account.id,
        person_id=person,
        role=AccessRole.ADMINISTRATOR,
    )


async def a_leave(session: Session, person: int, now: datetime) -> Subject:
    return await begin(
        session,
        SubjectKind.LEAVE,
        state=LeaveState.ASKED,
        actor=actor(person),
        control="texting",
        under="texting",
        cause="asked for",
        now=now,
        person_id=person,
        purpose="A journey with the class.",
        starts_on=now.date(),
        ends_on=now.date(),
        asked_at=now,
        recorded_via=Via.COMMAND,
    )


async def an_incident(session: Session, person: int, now: datetime) -> Subject:
    return await begin(
        session,
        SubjectKind.INCIDENT,
        state=IncidentState.REPORTED,
        actor=actor(person),
        control="violations",
        under="violations",
        cause="reported",
        now=now,
        reported_by_id=person,
        rule="AP 170",
        tells="A picture with names.",
        reported_at=now,
        recorded_via=Via.COMMAND,
        outside="",
    )


async def one_of(session: Session, lifecycle: type[State], now: datetime) -> tuple[Subject, int]:
    """A subject of this lifecycle in its first state, and the person it began with."""
    person = await a_person(session)
    if lifecycle is RequestState:
        return await a_request(session, person, now), person
    if lifecycle is IncidentState:
        return await an_incident(session, person, now), person
    if lifecycle is LeaveState:
        return await a_leave(session, person, now), person
    account = await an_account(session, person, now)
    if lifecycle is AccountState:
        return account, person
    return await an_access(session, account, person, now), person


def move(subject: Subject, expected: State, to: State, version: int = 1, **changes: Any) -> Move:
    return Move(
        subject,
        expected=expected,
        version=version,
        to=to,
        control="approval",
        cause=f"to {to}",
        changes=changes,
    )


def first(lifecycle: type[State]) -> State:
    return INITIAL[lifecycle]


async def standing(session: Session, subject: Subject) -> tuple[str, int]:
    """A subject's state and version in the store."""
    table = TABLE[subject.kind]
    row = (await session.run(select(table.c.state, table.c.version).where(table.c.id == subject.id))).one()
    return row.state, row.version


async def entries(session: Session, subject: Subject | None = None) -> Sequence[Any]:
    """The audit entries, of one subject or all of them, oldest first."""
    entry = table_of(AuditEntry)
    statement = select(entry).order_by(entry.c.seq)
    if subject is not None:
        statement = statement.where(entry.c.subject_kind == subject.kind, entry.c.subject_id == subject.id)
    return await session.rows(statement)

"""A small store with something of everything in it, for any policy: every state, item and finding."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import cycle
from typing import Any

from sqlmodel import SQLModel

from policy.controls.incident import Hearing
from policy.controls.leave import OnLeave
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.identity import handle_key
from policy.model import Policy
from policy.organization import Level
from schemas.accounts import Access, Account, AccountRequest
from schemas.brakes import Brake
from schemas.contacts import ContactReport
from schemas.evidence import PageCheck, Rotation
from schemas.findings import Finding, Suspension
from schemas.gates import Completion
from schemas.incidents import Incident
from schemas.inventory import UnapprovedPage
from schemas.leave import Leave
from schemas.machinery import ActionItem
from schemas.people import Absence, Designation, Person, Role, School
from schemas.public import Correction, Enquiry
from schemas.states import AccessState, AccountState, IncidentState, LeaveState, RequestState
from schemas.words import (
    BrakeOf,
    ChannelKind,
    CustodyMode,
    ItemKind,
    PageVerdict,
    PersonKind,
    SubjectKind,
    Via,
)
from tasks.store import Store
from tests.factories.division import put

SCHOOLS = (1, 2)
#: Of the accounts of each level, in this order: account 3 is live.
STATES = (
    AccountState.APPROVED,
    AccountState.PREPARING,
    AccountState.LIVE,
    AccountState.SUSPENDED,
    AccountState.LIVE,
)
#: What each kind of item is about. What is asked of an office goes to the one that keeps the policy.
ABOUT = {
    ItemKind.MEND_REQUEST: SubjectKind.REQUEST,
    ItemKind.DECIDE_REQUEST: SubjectKind.REQUEST,
    ItemKind.COMPLETE_COURSE: SubjectKind.PERSON,
    ItemKind.ACKNOWLEDGE_GUIDELINES: SubjectKind.PERSON,
    ItemKind.READ_ADVICE: SubjectKind.PERSON,
    ItemKind.MEND_MAILBOX: SubjectKind.PERSON,
    ItemKind.CORRECT: SubjectKind.CORRECTION,
    ItemKind.SEE_CONTACT: SubjectKind.CONTACT,
    ItemKind.ACCEPT_RESPONSIBILITY: SubjectKind.ACCESS,
    ItemKind.MEND_FINDING: SubjectKind.FINDING,
    ItemKind.ANSWER_BRAKE: SubjectKind.BRAKE,
    ItemKind.CONFIRM_LIST: SubjectKind.SCHOOL,
    ItemKind.SETTLE_PAGE: SubjectKind.PAGE,
    ItemKind.DECIDE_LEAVE: SubjectKind.LEAVE,
    ItemKind.DECIDE_REPORT: SubjectKind.INCIDENT,
    ItemKind.ANSWER_REPORT: SubjectKind.INCIDENT,
}
OF_AN_OFFICE = {
    ItemKind.CORRECT,
    ItemKind.DECIDE_REQUEST,
    ItemKind.TAKE_HOLD,
    ItemKind.DECIDE_REINSTATEMENT,
    ItemKind.SETTLE_MOVE,
    ItemKind.NAME_SUCCESSOR,
    ItemKind.ANSWER_BRAKE,
    ItemKind.MEND_MAILBOX,
    ItemKind.CONFIRM_LIST,
    ItemKind.SETTLE_PAGE,
    ItemKind.DECIDE_LEAVE,
    ItemKind.DECIDE_REPORT,
}


def mail(person: int) -> str:
    return f"person{person}@example.org"


def the_staff(policy: Policy) -> Iterator[SQLModel]:
    """Two schools; somebody in each office, two at each school who hold none, and one who has left."""
    for school in SCHOOLS:
        yield School(id=school, source_id=f"school-{school}", name=f"Sample School {school}")
    number = 0
    for office in policy.offices:
        for at in SCHOOLS if office.at == "school" else (None,):
            number += 1
            yield _person(number, office.label, at)
            yield Role(person_id=number, kind=office.id, school_id=at, starts_on=date(2020, 9, 1))
    for school in (*SCHOOLS, *SCHOOLS, 1):
        number += 1
        yield _person(number, "teacher", school)


def _person(number: int, position: str, school: int | None) -> Person:
    return Person(
        id=number,
        source_id=f"person-{number}",
        given_name=f"Given{number}",
        family_name=f"Sample{number}",
        email=mail(number),
        kind=PersonKind.STAFF,
        position=position,
        school_id=school,
    )


def everything(policy: Policy, now: datetime) -> list[SQLModel]:
    """Every row: accounts of each level, state and custody, an open item of each kind, and findings."""
    today = now.date()
    staff = list(the_staff(policy))
    people = [one for one in staff if isinstance(one, Person)]
    people[-1].active = False
    numbers = [one.id or 0 for one in people]
    teachers = cycle(numbers[-5:])
    rows: list[SQLModel] = [*staff]
    rows.append(Absence(person_id=numbers[0], deputy_id=numbers[1], starts_on=today, ends_on=today))
    rows.append(Designation(person_id=numbers[-2], designated_by_id=1, starts_on=date(2020, 9, 1)))
    accounts = list(_accounts(policy, now))
    accesses = [
        _access(account, next(teachers), state, policy, now)
        for account in accounts
        for state in _states_of_accesses(account)
    ]
    for number, access in enumerate(accesses, start=1):
        access.id = number
    rows += [*accounts, *accesses, *_evidence(policy, accounts, numbers, now)]
    rows += _requests(policy, numbers, now)
    live = [one.id or 0 for one in accounts if one.state is AccountState.LIVE]
    rows += [
        Finding(id=10 * place + account, control=rule.name, account_id=account, due_on=today, opened_at=now)
        for place, rule in enumerate(policy.rules(), start=1)
        for account in live[:1]
    ]
    rows += [
        Suspension(
            account_id=one.id or 0,
            control=policy.rules()[-1].name,
            reason="It was not mended.",
            suspended_at=now - timedelta(days=30),
            recorded_via=Via.STEWARD,
        )
        for one in accounts
        if one.state is AccountState.SUSPENDED
    ]
    rows.append(
        Brake(
            id=1,
            cause="announce/some-control",
            of=BrakeOf.ANNOUNCE_ACCOUNT,
            control=policy.rules()[0].name,
            found=90,
            out_of=100,
            asked_at=now,
        )
    )
    rows.append(
        Incident(
            id=1,
            reported_by_id=numbers[-2],
            person_id=numbers[-3],
            under=next((one.name for one in policy.of(Hearing)), "hearing-of-before"),
            rule="A rule of the board",
            tells="A picture with names.",
            reported_at=now,
            recorded_via=Via.COMMAND,
            state=IncidentState.HEARD,
            answer_by=now.date() + timedelta(days=20),
            state_since=now,
        )
    )
    rows.append(_leave(policy, numbers[-3], now))
    rows += _of_the_public(policy, numbers[-3], now)
    return [*rows, *_items(policy, now, numbers[-3])]


def _of_the_public(policy: Policy, person: int, now: datetime) -> list[SQLModel]:
    """A question, something misleading, an attempt that was shared: what items are about."""
    today = now.date()
    told: dict[str, Any] = {"recorded_via": Via.COMMAND, "reported_at": now}
    return [
        Enquiry(
            id=1,
            account_id=3,
            platform=policy.platforms[0].name,
            asks="When does school begin?",
            asked_at=now,
            logged_at=now,
            logged_by_id=person,
            recorded_via=Via.COMMAND,
            due_at=now,
            due_on=today,
        ),
        UnapprovedPage(
            id=1, address="https://www.example.org/a-class", reported_by_id=person, due_on=today, **told
        ),
        Correction(id=1, says="It begins at ten.", reported_by_id=person, due_on=today, **told),
        ContactReport(
            id=1,
            person_id=person - 1,
            happened_on=today,
            says="Something.",
            shared_with_id=person,
            delete_on=today + timedelta(days=365),
            **told,
        ),
    ]


def _leave(policy: Policy, person: int, now: datetime) -> Leave:
    """One that waits for a decision; of a control that another policy had, where this one has none."""
    return Leave(
        id=1,
        person_id=person,
        under=next((one.name for one in policy.of(OnLeave)), "leave-of-before"),
        purpose="A journey with the class.",
        starts_on=now.date(),
        ends_on=now.date() + timedelta(days=20),
        asked_at=now,
        recorded_via=Via.COMMAND,
        state=LeaveState.ASKED,
        state_since=now,
    )


def _accounts(policy: Policy, now: datetime) -> Iterator[Account]:
    platforms, modes, number = cycle(policy.platforms), cycle(CustodyMode), 0
    for level in policy.levels:
        if level.at == "person":
            continue
        for state in STATES:
            number += 1
            platform = next(platforms)
            lived = state in {AccountState.LIVE, AccountState.SUSPENDED}
            yield Account(
                id=number,
                level=level.id,
                channel=_channel(platform),
                platform=platform.name,
                handle=f"sample.{number}",
                handle_key=handle_key(f"sample.{number}"),
                purpose="News for families.",
                school_id=_school(level, number),
                custody=next(modes),
                vault_reference=f"vault/sample-{number}" if number % 2 else None,
                custodian_is_administrator=number % 3 == 0,
                address=f"https://www.example.org/sample.{number}",
                reported_at=now - timedelta(days=300) if state is not AccountState.APPROVED else None,
                live_since=now - timedelta(days=300) if lived else None,
                state=state,
                state_since=now - timedelta(days=100),
            )


def _channel(platform: Any) -> ChannelKind:
    return ChannelKind(platform.channel or ChannelKind.SOCIAL_MEDIA)


def _school(level: Level, number: int) -> int | None:
    return SCHOOLS[number % 2] if level.at == "school" else None


def _states_of_accesses(account: Account) -> tuple[AccessState, ...]:
    if account.state in {AccountState.APPROVED, AccountState.PREPARING}:
        return AccessState.WAITING, AccessState.GRANTED
    if account.state in {AccountState.LIVE, AccountState.SUSPENDED}:
        return AccessState.GRANTED, AccessState.SUSPENDED
    return (AccessState.REVOKED,)


def _access(account: Account, person: int, state: AccessState, policy: Policy, now: datetime) -> Access:
    courses = policy.of(TrainingBeforeAccess)
    return Access(
        account_id=account.id or 0,
        person_id=person,
        state=state,
        state_since=now - timedelta(days=100),
        suspended_for=courses[0].name if state is AccessState.SUSPENDED else None,
        knows_secret_since=now.date() - timedelta(days=100) if state is AccessState.GRANTED else None,
    )


def _evidence(
    policy: Policy, accounts: list[Account], people: list[int], now: datetime
) -> Iterator[SQLModel]:
    """Some completed the course long ago, some lately; pages were looked at; a password was changed."""
    for course in policy.courses:
        for person in people:
            days = 3 if person % 2 else 360
            yield Completion(
                person_id=person,
                course=course.id,
                completed_on=now.date() - timedelta(days=days),
                source="sample",
                recorded_via=Via.IMPORT,
                recorded_at=now - timedelta(days=days),
            )
    for account in accounts:
        if account.state is AccountState.LIVE:
            found = PageVerdict.MISSING if (account.id or 0) % 2 else PageVerdict.EXACT
            yield PageCheck(
                account_id=account.id or 0,
                checked_at=now - timedelta(days=1),
                verdict=found,
                notice_version="1",
                address=account.address or "",
            )
            yield Rotation(
                account_id=account.id or 0,
                rotated_at=now - timedelta(days=340),
                rotated_by_id=1,
                evidence="vault/sample",
                recorded_via=Via.COMMAND,
            )


def _requests(policy: Policy, people: list[int], now: datetime) -> Iterator[AccountRequest]:
    level = next(one for one in reversed(policy.levels) if one.at == "school")
    for number, state in enumerate(
        (
            RequestState.SUBMITTED,
            RequestState.SENT_BACK,
            RequestState.AWAITING_DECISION,
            RequestState.DECLINED,
        ),
        start=1,
    ):
        platform = policy.platforms[0]
        yield AccountRequest(
            id=number,
            requester_id=people[-3],
            school_id=1,
            level=level.id,
            channel=_channel(platform),
            platform=platform.name,
            handle=f"asked.{number}",
            wish={
                "purpose": "News of the school for its families.",
                "audience": "Families",
                "tools_considered": [policy.tools[0].id],
                "why_not": "Families read it every day, and the rest rarely.",
                "administrators": people[-3:-1],
                "custody": CustodyMode.SHARED_PASSWORD.value,
            },
            handed_in_at=now - timedelta(days=2),
            recorded_via=Via.COMMAND,
            state=state,
            state_since=now - timedelta(days=2),
        )


def _items(policy: Policy, now: datetime, person: int) -> Iterator[ActionItem]:
    """One open item of each kind, ten days late."""
    rule = policy.rules()[0].name
    for kind in ItemKind:
        about = ABOUT.get(kind, SubjectKind.ACCOUNT)
        of_office = kind in OF_AN_OFFICE
        yield ActionItem(
            key="enquiry:1/answer/sample" if kind is ItemKind.ANSWER_PUBLIC else f"sample/{kind}",
            kind=kind,
            control=rule,
            person_id=None if of_office else person,
            role=policy.duties.keeps_policy if of_office else None,
            subject_kind=about,
            subject_id={SubjectKind.PERSON: person, SubjectKind.FINDING: 10 + 3, SubjectKind.REQUEST: 3}.get(
                about, 3 if about is SubjectKind.ACCOUNT else 1
            ),
            opened_at=now - timedelta(days=30),
            due_on=now.date() - timedelta(days=10),
        )


async def filled(store: Store, policy: Policy, now: datetime) -> None:
    """Put everything in."""
    async with store.write() as session:
        await put(session, *everything(policy, now))

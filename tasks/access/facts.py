"""The facts of accesses, many at once: a few statements, however many there are."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import (
    BindParameter,
    Date,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calendar import Calendar
from policy.controls.text_acknowledged import TextAcknowledged
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.gates import gates
from policy.model import Policy, Text
from policy.training_gate import ENDED_ACCOUNTS, OPEN_ACCOUNTS
from policy.training_lapse import asked_to_renew_from
from schemas.accounts import Access, Account
from schemas.facts import AccessFacts, Asked
from schemas.gates import Acceptance, Completion, GuidelineReceipt
from schemas.machinery import ActionItem, Notice
from schemas.people import Person
from schemas.states import AccessState, AccountState
from schemas.words import AccessEnd, CustodyMode, ItemKind, ItemState, SubjectKind
from tasks.store.given import IDS, TODAY, among
from tasks.store.reach import nobody_else


def _is_done(control: TrainingBeforeAccess, counts_from: BindParameter[date]) -> ColumnElement[bool]:
    """Whether the person has a completion of a control's course that counts."""
    return exists().where(
        col(Completion.person_id) == col(Access.person_id),
        col(Completion.course) == control.course,
        col(Completion.voided_at).is_(None),
        col(Completion.completed_on) >= counts_from,
    )


def _is_asked(course: str) -> ColumnElement[bool]:
    """Whether the person is asked to renew a course already."""
    return exists().where(
        col(ActionItem.subject_kind) == SubjectKind.PERSON,
        col(ActionItem.subject_id) == col(Access.person_id),
        col(ActionItem.kind) == ItemKind.COMPLETE_COURSE,
        col(ActionItem.state) == ItemState.OPEN,
        col(ActionItem.key).contains(f"/course/{course}/renew/"),
    )


def _lacks_a_course(policy: Policy) -> Iterator[ColumnElement[bool]]:
    """Whether the person's course does not count, or lapses soon and they are not asked for it yet."""
    for control in policy.of(TrainingBeforeAccess):
        now, soon = (bindparam(name, type_=Date()) for name in _counting(control))
        yield and_(
            control.scope(policy),
            or_(
                not_(_is_done(control, now)),
                and_(not_(_is_done(control, soon)), not_(_is_asked(control.course))),
            ),
        )


def _counting(control: TrainingBeforeAccess) -> tuple[str, str]:
    """The names of the first days of completion that count today, and when a renewal is asked for."""
    return f"{control.name} counts from", f"{control.name} counts soon from"


def days_of(policy: Policy, calendar: Calendar, today: date) -> dict[str, date]:
    """The days that `may_move` is asked with."""
    days = {"today": today}
    for control in policy.of(TrainingBeforeAccess):
        course = policy.course_by_id(control.course)
        lapsing = partial(asked_to_renew_from, control=control, calendar=calendar)
        soon = calendar.asked_through(today, lapsing) + timedelta(days=1)
        days |= zip(_counting(control), (course.counts_from(today), course.counts_from(soon)), strict=True)
    return days


def _was_sent(control: TextAcknowledged, text: Text) -> ColumnElement[bool]:
    """Whether a text was sent to the person in its present version."""
    if control.each == "account":
        return exists().where(
            col(Acceptance.person_id) == col(Access.person_id),
            col(Acceptance.account_id) == col(Access.account_id),
            col(Acceptance.text) == text.id,
            col(Acceptance.text_version) == text.version,
        )
    return exists().where(
        col(GuidelineReceipt.person_id) == col(Access.person_id),
        col(GuidelineReceipt.guideline) == text.id,
        col(GuidelineReceipt.guideline_version) == text.version,
    )


def _lacks_a_text(policy: Policy) -> Iterator[ColumnElement[bool]]:
    """Whether a text that fits the account was never sent to the person in its present version."""
    for control in policy.of(TextAcknowledged):
        for text in map(policy.text, control.texts):
            fits = col(Account.channel).in_(text.fits) if text.fits else true()
            yield and_(control.scope(policy), fits, not_(_was_sent(control, text)))


def may_move(policy: Policy) -> Select[int | None, int, str]:
    """The accesses that may have something to do: (access, account, handle). Few, however many there are.

    Waiting ones; granted ones whose person lacks a course, has one to be renewed, or was not sent a text;
    those suspended for a gate; those of people who have left, of suspended accounts too, or who are back;
    those whose last day is over. Whether there *is* something to do, `decide_access` says. Built once a
    policy, and asked with the days of `days_of`.
    """
    return policy.once(("accesses that may move",), lambda: _may_move(policy))


def _may_move(policy: Policy) -> Select[int | None, int, str]:
    return (
        select(col(Access.id), col(Access.account_id), col(Account.handle))
        .join(Account, col(Account.id) == col(Access.account_id))
        .join(Person, col(Person.id) == col(Access.person_id))
        .where(
            or_(
                and_(
                    col(Access.ends_on) < TODAY,
                    col(Access.state) != AccessState.REVOKED,
                    col(Account.state).not_in(ENDED_ACCOUNTS),
                ),
                and_(
                    col(Access.ends_for) == AccessEnd.LEFT,
                    col(Access.state) == AccessState.REVOKED,
                    col(Person.active),
                    col(Account.state).not_in(ENDED_ACCOUNTS),
                ),
                and_(
                    not_(col(Person.active)),
                    col(Access.state) != AccessState.REVOKED,
                    col(Account.state).not_in(ENDED_ACCOUNTS),
                ),
                and_(
                    col(Account.state).in_(OPEN_ACCOUNTS),
                    or_(
                        col(Access.state) == AccessState.WAITING,
                        and_(
                            col(Access.state) == AccessState.GRANTED,
                            or_(false(), *_lacks_a_course(policy), *_lacks_a_text(policy)),
                        ),
                        and_(
                            col(Access.state) == AccessState.SUSPENDED,
                            col(Access.suspended_for).in_(gates(policy)),
                        ),
                    ),
                ),
            ),
        )
        .order_by(col(Access.account_id), col(Access.id))
    )


async def over(session: AsyncSession, access_ids: Sequence[int], today: date) -> tuple[int, ...]:
    """The other accesses to the same accounts whose announced last day is over and that have not ended."""
    these = select(col(Access.account_id)).where(among(col(Access.id), access_ids))
    asked = select(col(Access.id)).where(
        col(Access.account_id).in_(these),
        col(Access.id).not_in(access_ids),
        col(Access.ends_on) < today,
        col(Access.state) != AccessState.REVOKED,
    )
    rows = await (await session.connection()).execute(asked.order_by(col(Access.id)))
    return tuple(row for row in rows.scalars() if row is not None)


def _accesses(policy: Policy) -> Select[*tuple[Any, ...]]:
    """Some accesses with their accounts and people, asked with a day and their numbers."""
    return (
        select(
            col(Access.id),
            col(Access.state),
            col(Access.version),
            col(Access.suspended_for),
            col(Access.ends_on),
            col(Access.ends_for),
            col(Access.proposed_by_id),
            col(Account.school_id),
            col(Access.person_id),
            col(Person.active),
            col(Access.account_id),
            col(Account.state).label("account_state"),
            col(Account.level),
            col(Account.channel),
            col(Account.training_required),
            col(Account.custody),
            col(Access.knows_secret_since),
            col(Access.knows_secret_until),
            nobody_else(policy, TODAY).label("nobody_else"),
        )
        .join(Account, col(Account.id) == col(Access.account_id))
        .join(Person, col(Person.id) == col(Access.person_id))
        .where(among(col(Access.id), IDS))
        .order_by(col(Access.id))
    )


async def access_facts(
    session: AsyncSession, access_ids: Sequence[int], policy: Policy, today: date
) -> tuple[AccessFacts, ...]:
    """The facts of these accesses on `today`, a day of the division's zone, in the order of their numbers."""
    if not access_ids:
        return ()
    connection = await session.connection()
    these = policy.once(("facts of accesses",), lambda: _accesses(policy))
    rows: Sequence[Any] = (await connection.execute(these, {"ids": list(access_ids), "today": today})).all()
    people = {row.person_id for row in rows}
    receipts = await _receipts(session, people)
    accounts = {row.account_id for row in rows}
    accepted = await _acceptances(session, people, accounts)
    completed, voided = await _completions(session, people)
    granted = await _granted(session, accounts)
    asked = await _asked(session, people, set(access_ids), accounts)
    return tuple(
        AccessFacts(
            id=row.id,
            state=AccessState(row.state),
            version=row.version,
            suspended_for=row.suspended_for,
            ends_on=row.ends_on,
            ends_for=row.ends_for,
            proposed_by_id=row.proposed_by_id,
            school_id=row.school_id,
            person_id=row.person_id,
            person_active=row.active,
            account_id=row.account_id,
            account_state=AccountState(row.account_state),
            level=row.level,
            channel=row.channel,
            training_required=row.training_required,
            completions=completed[row.person_id],
            voided=frozenset(voided[row.person_id]),
            acknowledged=_done(receipts[row.person_id]),
            accepted=_done(accepted[row.person_id, row.account_id]),
            sent=frozenset({*receipts[row.person_id], *accepted[row.person_id, row.account_id]}),
            custody=CustodyMode(row.custody),
            knows_secret=row.knows_secret_since is not None and row.knows_secret_until is None,
            nobody_else=bool(row.nobody_else),
            beside=tuple(one for one in granted[row.account_id] if one != row.person_id),
            account_asked=frozenset(asked[SubjectKind.ACCOUNT, row.account_id]),
            asked={**asked[SubjectKind.PERSON, row.person_id], **asked[SubjectKind.ACCESS, row.id]},
        )
        for row in rows
    )


#: Who has granted access and is here, by account.
_GRANTED = (
    select(col(Access.account_id), col(Access.person_id))
    .join(Person, col(Person.id) == col(Access.person_id))
    .where(among(col(Access.account_id), IDS), col(Access.state) == AccessState.GRANTED, col(Person.active))
    .order_by(col(Access.person_id))
)
#: What was sent to each person once for all accounts.
_RECEIPTS = select(
    col(GuidelineReceipt.person_id),
    col(GuidelineReceipt.guideline),
    col(GuidelineReceipt.guideline_version),
    col(GuidelineReceipt.acknowledged_at),
).where(among(col(GuidelineReceipt.person_id), IDS))
#: What was sent to each person for each account.
_ACCEPTANCES = select(
    col(Acceptance.person_id),
    col(Acceptance.account_id),
    col(Acceptance.text),
    col(Acceptance.text_version),
    col(Acceptance.accepted_at),
).where(among(col(Acceptance.person_id), IDS), among(col(Acceptance.account_id), "accounts"))
_IS_VOIDED = col(Completion.voided_at).is_not(None)
#: Of each person, by course, the latest completion, and the latest that was voided: after the others.
_COMPLETIONS = (
    select(
        col(Completion.person_id),
        col(Completion.course),
        _IS_VOIDED.label("voided"),
        func.max(col(Completion.completed_on)).label("latest"),
    )
    .where(among(col(Completion.person_id), IDS))
    .group_by(col(Completion.person_id), col(Completion.course), _IS_VOIDED)
    .order_by(_IS_VOIDED)
)
#: The open items of people, accesses and accounts.
_ITEMS = select(
    col(ActionItem.key),
    col(ActionItem.kind),
    col(ActionItem.person_id),
    col(ActionItem.subject_kind),
    col(ActionItem.subject_id),
    col(ActionItem.due_on),
).where(
    col(ActionItem.state) == ItemState.OPEN,
    or_(
        *(
            and_(col(ActionItem.subject_kind) == kind, among(col(ActionItem.subject_id), kind.name))
            for kind in (SubjectKind.PERSON, SubjectKind.ACCESS, SubjectKind.ACCOUNT)
        )
    ),
)
_SENT = select(col(Notice.key), col(Notice.sent_at)).where(
    among(col(Notice.key), "keys"), col(Notice.sent_at).is_not(None)
)


async def _granted(session: AsyncSession, accounts: set[int]) -> dict[int, list[int]]:
    """Who has granted access and is here, by account."""
    rows = await (await session.connection()).execute(_GRANTED, {"ids": list(accounts)})
    found = defaultdict[int, list[int]](list)
    for account, person in rows:
        found[account].append(person)
    return found


#: Texts that were sent, by id and version; and when each was acknowledged.
Sent = dict[tuple[str, str], datetime | None]


def _done(sent: Sent) -> frozenset[tuple[str, str]]:
    return frozenset(text for text, acknowledged_at in sent.items() if acknowledged_at is not None)


async def _receipts(session: AsyncSession, people: set[int]) -> dict[int, Sent]:
    """What was sent to each person once for all accounts."""
    rows = await (await session.connection()).execute(_RECEIPTS, {"ids": list(people)})
    found = defaultdict[int, Sent](dict)
    for person, guideline, version, acknowledged_at in rows:
        found[person][guideline, version] = acknowledged_at
    return found


async def _acceptances(
    session: AsyncSession, people: set[int], accounts: set[int]
) -> dict[tuple[int, int], Sent]:
    """What was sent to each person for each account."""
    rows = await (await session.connection()).execute(
        _ACCEPTANCES, {"ids": list(people), "accounts": list(accounts)}
    )
    found = defaultdict[tuple[int, int], Sent](dict)
    for person, account, text, version, accepted_at in rows:
        found[person, account][text, version] = accepted_at
    return found


async def completions_of(session: AsyncSession, people: Collection[int]) -> Mapping[int, Mapping[str, date]]:
    """Of each person, by course, the latest completion that was not voided."""
    return (await _completions(session, set(people)))[0]


async def _completions(
    session: AsyncSession, people: set[int]
) -> tuple[dict[int, dict[str, date]], dict[int, set[str]]]:
    """Of each person, by course, the latest completion; and the courses of which a later one was voided."""
    rows = await (await session.connection()).execute(_COMPLETIONS, {"ids": list(people)})
    latest, voided = defaultdict[int, dict[str, date]](dict), defaultdict[int, set[str]](set)
    for row in rows:
        counting = latest[row.person_id]
        if not row.voided:
            counting[row.course] = row.latest
        elif row.course not in counting or counting[row.course] < row.latest:
            voided[row.person_id].add(row.course)
    return latest, voided


async def _asked(
    session: AsyncSession, people: set[int], accesses: set[int], accounts: set[int]
) -> dict[tuple[SubjectKind, int], dict[str, Asked]]:
    """The open items of people, accesses and accounts, by key; of those about a course, when it was told."""
    connection = await session.connection()
    of = {SubjectKind.PERSON: people, SubjectKind.ACCESS: accesses, SubjectKind.ACCOUNT: accounts}
    rows = (await connection.execute(_ITEMS, {kind.name: list(ids) for kind, ids in of.items()})).all()
    letters = [f"{row.key}/person:{row.person_id}" for row in rows if row.kind is ItemKind.COMPLETE_COURSE]
    sent = await connection.execute(_SENT, {"keys": letters}) if letters else ()
    told = {row.key: row.sent_at for row in sent}
    found = defaultdict[tuple[SubjectKind, int], dict[str, Asked]](dict)
    for row in rows:
        told_at = told.get(f"{row.key}/person:{row.person_id}")
        found[SubjectKind(row.subject_kind), row.subject_id][row.key] = Asked(row.due_on, told_at)
    return found

"""The facts of accesses, many at once: a few statements, however many there are."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    Select,
    and_,
    func,
    or_,
    select,
)
from sqlmodel import col

from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.facts import AccessFacts, Asked
from schemas.gates import Acceptance, Completion, GuidelineReceipt
from schemas.machinery import ActionItem, Notice
from schemas.people import Person
from schemas.states import AccessState, AccountState
from schemas.words import CustodyMode, ItemKind, ItemState, SubjectKind
from tasks.store.given import IDS, TODAY, among
from tasks.store.reach import nobody_else
from tasks.store.session import Session


async def over(session: Session, access_ids: Sequence[int], today: date) -> tuple[int, ...]:
    """The other accesses to the same accounts whose announced last day is over and that have not ended."""
    these = select(col(Access.account_id)).where(among(col(Access.id), access_ids))
    asked = select(col(Access.id)).where(
        col(Access.account_id).in_(these),
        col(Access.id).not_in(access_ids),
        col(Access.ends_on) < today,
        col(Access.state) != AccessState.REVOKED,
    )
    rows = await session.run(asked.order_by(col(Access.id)))
    return tuple(row for row in rows.scalars() if row is not None)


#: What only names whom and what an access is about, at the head of the columns that are read of it.
NAMES = ("id", "version", "person_id", "account_id", "school_id", "proposed_by_id")


def _accesses(policy: Policy) -> Select[*tuple[Any, ...]]:
    """Some accesses with their accounts and people, asked with a day and their numbers.

    First the columns of `NAMES`; on the others depends what happens.
    """
    return (
        select(
            col(Access.id),
            col(Access.version),
            col(Access.person_id),
            col(Access.account_id),
            col(Account.school_id),
            col(Access.proposed_by_id),
            col(Access.proposed_by_id).is_not(None).label("is_proposed"),
            col(Access.state),
            col(Access.suspended_for),
            col(Access.ends_on),
            col(Access.ends_for),
            col(Person.active),
            col(Account.state).label("account_state"),
            col(Account.level),
            col(Account.channel),
            col(Account.training_required),
            col(Account.custody),
            and_(col(Access.knows_secret_since).is_not(None), col(Access.knows_secret_until).is_(None)).label(
                "knows_secret"
            ),
            nobody_else(policy, TODAY).label("nobody_else"),
        )
        .join(Account, col(Account.id) == col(Access.account_id))
        .join(Person, col(Person.id) == col(Access.person_id))
        .where(among(col(Access.id), IDS))
        .order_by(col(Access.id))
    )


#: A text that was sent: id, version, and whether it was acknowledged.
Sent = tuple[str, str, bool]
#: A course that was completed: its id, whether this was voided, and the latest day. What was voided is last.
Completed = tuple[str, bool, date]


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of some accesses. Their facts are made of it one by one: many are alike."""

    rows: Sequence[Any]
    receipts: Mapping[int, Sequence[Sent]]  # by person
    accepted: Mapping[tuple[int, int], Sequence[Sent]]  # by person and account
    completed: Mapping[int, Sequence[Completed]]  # by person
    asked: Mapping[tuple[SubjectKind, int], Mapping[str, Asked]]
    granted: Mapping[int, Sequence[int]]  # who is here and has access, by account

    def alike(self, row: Any) -> Hashable | None:
        """The same for accesses with which the same happens; None for one that is to be decided by itself."""
        access, _, person, account = row[:4]
        about = ((SubjectKind.PERSON, person), (SubjectKind.ACCOUNT, account), (SubjectKind.ACCESS, access))
        if self.asked and any(one in self.asked for one in about):
            return None  # the keys of what is asked name accesses, people and accounts
        return (
            *row[len(NAMES) :],
            *self.receipts.get(person, ()),
            None,
            *self.accepted.get((person, account), ()),
            None,
            *self.completed.get(person, ()),
        )

    def facts(self, row: Any) -> AccessFacts:
        """The facts of one of the rows."""
        receipts = self.receipts.get(row.person_id, ())
        accepted = self.accepted.get((row.person_id, row.account_id), ())
        completions, voided = _counting_ones(self.completed.get(row.person_id, ()))
        asked = self.asked
        return AccessFacts(
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
            completions=completions,
            voided=voided,
            acknowledged=frozenset((text, version) for text, version, done in receipts if done),
            accepted=frozenset((text, version) for text, version, done in accepted if done),
            sent=frozenset((text, version) for text, version, _ in (*receipts, *accepted)),
            custody=CustodyMode(row.custody),
            knows_secret=bool(row.knows_secret),
            nobody_else=bool(row.nobody_else),
            beside=tuple(one for one in self.granted.get(row.account_id, ()) if one != row.person_id),
            account_asked=frozenset(asked.get((SubjectKind.ACCOUNT, row.account_id), ())),
            asked={
                **asked.get((SubjectKind.PERSON, row.person_id), {}),
                **asked.get((SubjectKind.ACCESS, row.id), {}),
            },
        )


def _counting_ones(completed: Sequence[Completed]) -> tuple[dict[str, date], frozenset[str]]:
    """By course the latest completion that counts; and the courses of which a later one was voided."""
    latest, voided = dict[str, date](), set[str]()
    for course, is_voided, day in completed:
        if not is_voided:
            latest[course] = day
        elif course not in latest or latest[course] < day:
            voided.add(course)
    return latest, frozenset(voided)


async def read_accesses(
    session: Session, access_ids: Sequence[int], policy: Policy, today: date, *, beside: bool = True
) -> Read:
    """What the facts of these accesses are made of. Without `beside`, not who else has access."""
    these = policy.once(("facts of accesses",), lambda: _accesses(policy))
    rows: Sequence[Any] = await session.rows(these, {"ids": list(access_ids), "today": today})
    people = {row.person_id for row in rows}
    accounts = {row.account_id for row in rows}
    return Read(
        rows,
        await _receipts(session, people),
        await _acceptances(session, people, accounts),
        await _completions(session, people),
        await _asked(session, people, set(access_ids), accounts),
        await _granted(session, accounts) if beside else {},
    )


async def access_facts(
    session: Session, access_ids: Sequence[int], policy: Policy, today: date
) -> tuple[AccessFacts, ...]:
    """The facts of these accesses on `today`, a day of the division's zone, in the order of their numbers."""
    if not access_ids:
        return ()
    read = await read_accesses(session, access_ids, policy, today)
    return tuple(read.facts(row) for row in read.rows)


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
    col(GuidelineReceipt.acknowledged_at).is_not(None),
).where(among(col(GuidelineReceipt.person_id), IDS))
#: What was sent to each person for each account.
_ACCEPTANCES = select(
    col(Acceptance.person_id),
    col(Acceptance.account_id),
    col(Acceptance.text),
    col(Acceptance.text_version),
    col(Acceptance.accepted_at).is_not(None),
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


async def _granted(session: Session, accounts: set[int]) -> dict[int, list[int]]:
    """Who has granted access and is here, by account."""
    rows = await session.run(_GRANTED, {"ids": list(accounts)})
    found = defaultdict[int, list[int]](list)
    for account, person in rows:
        found[account].append(person)
    return found


async def _receipts(session: Session, people: set[int]) -> dict[int, list[Sent]]:
    """What was sent to each person once for all accounts."""
    rows = await session.run(_RECEIPTS, {"ids": list(people)})
    found = defaultdict[int, list[Sent]](list)
    for person, guideline, version, is_acknowledged in rows.all():
        found[person].append((guideline, version, is_acknowledged))
    return found


async def _acceptances(
    session: Session, people: set[int], accounts: set[int]
) -> dict[tuple[int, int], list[Sent]]:
    """What was sent to each person for each account."""
    rows = await session.run(_ACCEPTANCES, {"ids": list(people), "accounts": list(accounts)})
    found = defaultdict[tuple[int, int], list[Sent]](list)
    for person, account, text, version, is_accepted in rows.all():
        found[person, account].append((text, version, is_accepted))
    return found


async def completions_of(session: Session, people: Collection[int]) -> Mapping[int, Mapping[str, date]]:
    """Of each person, by course, the latest completion that was not voided."""
    found = await _completions(session, set(people))
    return defaultdict(dict, {person: _counting_ones(completed)[0] for person, completed in found.items()})


async def _completions(session: Session, people: set[int]) -> dict[int, list[Completed]]:
    """Of each person, by course, the latest completion, and the latest that was voided: after the others."""
    rows = await session.run(_COMPLETIONS, {"ids": list(people)})
    found = defaultdict[int, list[Completed]](list)
    for person, course, is_voided, latest in rows.all():
        found[person].append((course, is_voided, latest))
    return found


async def _asked(
    session: Session, people: set[int], accesses: set[int], accounts: set[int]
) -> dict[tuple[SubjectKind, int], dict[str, Asked]]:
    """The open items of people, accesses and accounts, by key; of those about a course, when it was told."""
    of = {SubjectKind.PERSON: people, SubjectKind.ACCESS: accesses, SubjectKind.ACCOUNT: accounts}
    rows = await session.rows(_ITEMS, {kind.name: list(ids) for kind, ids in of.items()})
    letters = [f"{row.key}/person:{row.person_id}" for row in rows if row.kind is ItemKind.COMPLETE_COURSE]
    sent = await session.run(_SENT, {"keys": letters}) if letters else ()
    told = {row.key: row.sent_at for row in sent}
    found = defaultdict[tuple[SubjectKind, int], dict[str, Asked]](dict)
    for row in rows:
        told_at = told.get(f"{row.key}/person:{row.person_id}")
        found[SubjectKind(row.subject_kind), row.subject_id][row.key] = Asked(row.due_on, told_at)
    return found

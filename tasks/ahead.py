"""What lies ahead of somebody who asked for an account: who decides, and what is left until it is live."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, or_, select
from sqlmodel import col
from sqlmodel import select as rows_of
from sqlmodel.sql.expression import SelectOfScalar

from policy.authority import barred, deciding_office
from policy.controls.identify_owner import IdentifyOwner
from policy.model import Policy
from policy.until_live import Part, Point, until_live
from schemas.accounts import Access, Account, AccountRequest
from schemas.evidence import ProfileCheck
from schemas.language import t
from schemas.machinery import ActionItem
from schemas.outcome import RoleAt
from schemas.people import Person
from schemas.states import AccountState, RequestState
from schemas.words import ItemKind, ItemState, SubjectKind
from tasks.access.facts import access_facts
from tasks.accounts.facts import account_facts
from tasks.requests.facts import Wanted, authority
from tasks.store.holders import holders_at, told_of
from tasks.store.session import Session

#: Of an account, the states before it is live.
COMING = frozenset({AccountState.APPROVED, AccountState.PREPARING})
#: Of a request, the states before it has ended.
WAITS = frozenset({RequestState.SUBMITTED, RequestState.AWAITING_DECISION, RequestState.SENT_BACK})


@dataclass(frozen=True)
class Left:
    """One thing that is asked, as a sentence. `turn`: who does it, in words; empty for what is met.

    `by`: until when they are asked; None where nobody is asked yet. `is_next`: it can be done now.
    """

    says: str
    met: bool
    turn: str = ""
    by: date | None = None
    is_next: bool = False


@dataclass(frozen=True)
class Ahead:
    """Everything that is asked until an account is live, in the order to do it."""

    points: tuple[Left, ...]

    @property
    def done(self) -> int:
        """How many of them are met."""
        return sum(one.met for one in self.points)

    @property
    def next(self) -> tuple[Left, ...]:
        """What can be done now."""
        return tuple(one for one in self.points if one.is_next)


async def who_decides(
    session: Session, wanted: Wanted, policy: Policy, now: datetime
) -> tuple[str, date] | None:
    """Who decides such a request, by office and name, and by when; None where nobody has to.

    By when they are asked; before they are, by when they would be if they were asked now.
    """
    if policy.level(wanted.level).at == "person":
        return None
    today = policy.calendar.today(now)
    who = await authority(session, wanted, policy, today)
    office = deciding_office(wanted, policy, who)
    asked = select(col(ActionItem.due_on)).where(
        col(ActionItem.subject_kind) == SubjectKind.REQUEST,
        col(ActionItem.subject_id) == wanted.id,
        col(ActionItem.kind) == ItemKind.DECIDE_REQUEST,
        col(ActionItem.state) == ItemState.OPEN,
    )
    due = (await session.run(asked)).scalars().first()
    terms = policy.terms(ItemKind.DECIDE_REQUEST)
    by = due or policy.calendar.due_after(today, school_days=terms.due_school_days)
    return (await _called(session, policy, today, [office], barred(who)))[office], by


async def ahead_of_request(
    session: Session, policy: Policy, number: int, now: datetime, *, of: int | None = None
) -> Ahead | None:
    """What lies ahead of the request of this number, and of the account that came of it.

    None where nothing does. `of`: where it is this person's alone.
    """
    request = await session.get(AccountRequest, number)
    if request is None or of not in {None, request.requester_id}:
        return None
    return await _ahead(session, policy, request, now)


async def _ahead(session: Session, policy: Policy, request: AccountRequest, now: datetime) -> Ahead | None:
    if request.state not in WAITS:
        account = request.account_id if request.state is RequestState.APPROVED else None
        coming = await until_it_is_live(session, policy, account, now) if account else None
        return coming and Ahead((Left(t("The request is approved."), True), *coming.points))
    found = await who_decides(session, Wanted.of(request), policy, now)
    if found is None:
        return None
    who, by = found
    if request.state is RequestState.SENT_BACK:
        asks = await session.get_one(Person, request.requester_id)
        complete = Left(t("The request is complete."), False, asks.name, is_next=True)
        return Ahead((complete, Left(t("It is decided."), False, who)))
    decided = Left(t("It is decided."), False, who, by)
    if request.state is RequestState.SUBMITTED:  # it is looked at in some seconds, by nobody
        return Ahead((Left(t("The request is complete."), False, "Steward", is_next=True), decided))
    return Ahead((Left(t("The request is complete."), True), replace(decided, is_next=True)))


@dataclass(frozen=True)
class Coming:
    """Something that somebody asked for and that is not there yet. `called`: the account."""

    request: int
    called: str
    ahead: Ahead


@cache
def _asked_for() -> SelectOfScalar[AccountRequest]:
    """The select of them, made once."""
    return (
        rows_of(AccountRequest)
        .outerjoin(Account, col(Account.id) == col(AccountRequest.account_id))
        .where(
            col(AccountRequest.requester_id) == bindparam("person"),
            or_(
                col(AccountRequest.state).in_(WAITS),
                and_(col(AccountRequest.state) == RequestState.APPROVED, col(Account.state).in_(COMING)),
            ),
        )
        .order_by(col(AccountRequest.id).desc())
        .limit(bindparam("at_most"))
    )


async def coming_of(
    session: Session, policy: Policy, person: int, now: datetime, at_most: int
) -> tuple[Coming, ...]:
    """What a person asked for and that is not live yet, the newest first, so many at most."""
    asked: Any = _asked_for()
    given = {"person": person, "at_most": at_most}
    found = []
    for one in (await session.exec(asked, params=given)).all():
        if (ahead := await _ahead(session, policy, one, now)) is not None:
            called = policy.says_account(one.platform, one.handle)
            found.append(Coming(one.id or 0, called, ahead))
    return tuple(found)


async def until_it_is_live(session: Session, policy: Policy, account_id: int, now: datetime) -> Ahead | None:
    """What is left until this account is live; None where it is already, or has ended."""
    account = await session.get(Account, account_id)
    if account is None or account.state not in COMING:
        return None
    today = policy.calendar.today(now)
    facts = await account_facts(session, account_id, policy, today)
    numbers = [one.access_id for one in facts.administrators]
    accesses = await access_facts(session, numbers, policy, today)
    profile = select(col(ProfileCheck.shown)).where(
        col(ProfileCheck.account_id) == account_id, col(ProfileCheck.latest)
    )
    seen = (await session.run(profile)).scalars().first()
    owners = [one.name for one in policy.applying(IdentifyOwner, level=facts.level)] if seen else ()
    points = until_live(facts, accesses, policy, today, profile_shown=owners)
    return Ahead(await _in_words(session, policy, today, account_id, points))


async def _in_words(
    session: Session, policy: Policy, today: date, account_id: int, points: Sequence[Point]
) -> tuple[Left, ...]:
    people = [who for one in points for who in one.turn] + [one.person for one in points if one.person]
    called = await _called(session, policy, today, people)
    due = await _due(session, account_id, {one.person for one in points if one.person})
    found = []
    for one in points:
        name = called.get(one.person, "") if one.person else ""
        says = t(one.says, name=name, what=one.what)
        turn = ", ".join(called[who] for who in one.turn if called[who])
        days = [day for (kind, person), day in due.items() if _serves(one, kind, person)]
        met = one.met
        found.append(
            Left(
                f"{says[:1].upper()}{says[1:]}.",
                met,
                "" if met else turn,
                min(days, default=None) if one.is_next else None,
                one.is_next,
            )
        )
    return tuple(found)


#: By what items of the account itself each part is asked for.
_ITEMS: Mapping[Part, ItemKind] = {
    Part.NAMED: ItemKind.DECIDE_REQUEST,
    Part.REPORTED: ItemKind.CREATE_ACCOUNT,
    Part.CUSTODY: ItemKind.CREATE_ACCOUNT,
    Part.PRIVACY: ItemKind.CREATE_ACCOUNT,
    Part.NOTICE: ItemKind.MEND_NOTICE,
    Part.PROFILE: ItemKind.MEND_NOTICE,
}


def _serves(point: Point, kind: ItemKind, person: int | None) -> bool:
    """Whether an item asks for the point."""
    if point.gate is not None:
        return kind is point.gate.kind and person == point.person
    return _ITEMS.get(point.part) is kind


async def _due(
    session: Session, account_id: int, people: Iterable[int]
) -> Mapping[tuple[ItemKind, int | None], date]:
    """By when each of them is asked for what is open about the account, or comes before access to it."""
    accesses = select(col(Access.id)).where(col(Access.account_id) == account_id)
    kind, number = col(ActionItem.subject_kind), col(ActionItem.subject_id)
    asked = select(col(ActionItem.kind), col(ActionItem.person_id), col(ActionItem.due_on)).where(
        col(ActionItem.state) == ItemState.OPEN,
        or_(
            (kind == SubjectKind.ACCOUNT) & (number == account_id),
            (kind == SubjectKind.ACCESS) & number.in_(accesses),
            (kind == SubjectKind.PERSON) & number.in_(list(people)),
        ),
    )
    rows = await session.run(asked.order_by(col(ActionItem.due_on).desc()))
    return {(ItemKind(row[0]), row[1]): row[2] for row in rows}


async def _called(
    session: Session,
    policy: Policy,
    today: date,
    whom: Iterable[int | RoleAt],
    but_not: tuple[int, ...] = (),
) -> Mapping[int | RoleAt, str]:
    """What people and offices are called: an office with the names of who answers for it today."""
    wanted = set(whom)
    offices = {one for one in wanted if isinstance(one, RoleAt)}
    held = await holders_at(session, offices, today) if offices else {}
    answer = {office: told_of(held[office], but_not) for office in offices}
    people = {one for one in wanted if isinstance(one, int)} | {
        one for some in answer.values() for one in some
    }
    rows = await session.run(
        select(col(Person.id), col(Person.given_name), col(Person.family_name)).where(
            col(Person.id).in_(people)
        )
    )
    names = {row[0]: f"{row[1]} {row[2]}" for row in rows}
    found: dict[int | RoleAt, str] = {one: name for one, name in names.items() if one is not None}
    for office, some in answer.items():
        label = policy.label(office.role)
        listed = ", ".join(names[one] for one in sorted(some))
        found[office] = f"{listed} ({label})" if listed else label
    return found

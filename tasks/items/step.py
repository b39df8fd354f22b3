"""One open action item, as the person reads it who is to do it: what, why, and for whom else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import Select, bindparam, literal, or_, union_all
from sqlalchemy import select as some
from sqlmodel import SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from policy.action_items import PERSONAL
from policy.model import Policy
from policy.notices.base import Rows
from policy.notices.mending import Mending, how_to_ask, how_to_create
from policy.notices.words import account_of, channel, moment, todo
from policy.seen import page_faults, profile_faults
from policy.stops import asks_to_confirm
from schemas.accounts import Access, Account, AccountRequest
from schemas.brakes import Brake
from schemas.columns import UtcDateTime
from schemas.events import WakeState
from schemas.evidence import PageCheck, ProfileCheck
from schemas.facts import PendingItem
from schemas.findings import Finding, Suspension
from schemas.inventory import UnapprovedPage
from schemas.language import t
from schemas.leave import Leave
from schemas.machinery import ActionItem, AuditEntry, Event, Wake
from schemas.outcome import RoleAt
from schemas.people import Person, School
from schemas.words import ItemKind, ItemState, SubjectKind
from tasks.items.facts import Offices, pending_items
from tasks.items.listing import Owed, owed_by, owed_whole
from tasks.store.given import IDS, among
from tasks.store.holders import holders
from tasks.store.session import Session

T = TypeVar("T", bound=SQLModel)
A = TypeVar("A", Access, Finding)


@dataclass(frozen=True)
class Step:
    """`does`: what it asks, as a sentence. `deputy_for`: the name of the absent person it is done for.

    `account`, `revision`: of the account and of the request that it is about; `found`: what a rule found.
    `key`: what makes the item the same when it is asked twice; it names the text that is to be read.
    `recorded`: the person did it, and the run that looks at it has not been yet.
    `why`: the clause, its number and title; `asks`: what the clause asks, in the policy's words. `how`: what
    it takes, such as the texts to be read. `asked_of`: the names of whom it is asked, where that is somebody
    else and the reader has heard of it, since it climbed to their office.
    """

    owed: Owed
    does: str
    why: str
    asks: str
    how: Mending
    key: str
    account: int | None = None
    revision: int | None = None
    found: str = ""
    deputy_for: str = ""
    recorded: bool = False
    asked_of: str = ""


#: Within it the nightly sweep looks at what was recorded.
_A_NIGHT = timedelta(days=1)


class _Done(NamedTuple):
    """Something that somebody recorded: when, what it served, and about what."""

    at: datetime
    control: str
    kind: str
    subject: int


#: Kinds that decide, answer, read or say something: no course is taken and nothing is put right there.
_ELSE = frozenset(
    {
        ItemKind.ANSWER_BRAKE,
        ItemKind.SETTLE_ROW,
        ItemKind.SETTLE_PAGE,
        ItemKind.SETTLE_MOVE,
        ItemKind.CONFIRM_LIST,
        ItemKind.READ_ADVICE,
        ItemKind.SEE_CONTACT,
        ItemKind.DECIDE_REQUEST,
        ItemKind.DECIDE_LEAVE,
        ItemKind.DECIDE_REPORT,
        ItemKind.DECIDE_REINSTATEMENT,
        ItemKind.ANSWER_REPORT,
        ItemKind.MEND_REQUEST,
        ItemKind.MEND_MAILBOX,
        ItemKind.CREATE_ACCOUNT,
    }
)


async def own_steps(
    session: Session,
    policy: Policy,
    person: int,
    today: date,
    these: Sequence[int] | None = None,
    *,
    now: datetime | None = None,
    account: int | None = None,
) -> tuple[Step, ...]:
    """Everything that waits for a person today, in person or in an office, the longest overdue first.

    `these`: the numbers of some of them. `now`: the moment, for whether any was recorded just before.
    `account`: what is about this one alone.
    """
    mine = await owed_by(session, person, today) if these is None else these
    owed = await owed_whole(session, policy, today, mine, account=account)
    rows = await _rows(session, [item for _, item in owed])
    found = [(await _step(session, policy, item, one, rows, person, today), item) for one, item in owed]
    just = await _just_done(session, person, now) if found and now is not None else ()
    return tuple(replace(one, recorded=_is_done(item, one, just)) for one, item in found)


@cache
def _just_recorded() -> Select[*tuple[Any, ...]]:
    """What it asks: made once, since it takes its time."""
    woken = select(Wake.id).join(Event, col(Event.id) == col(Wake.event_id))
    woken = woken.where(col(Event.occurred_at) == col(AuditEntry.at))
    return some(
        *(col(AuditEntry.at), col(AuditEntry.control)),
        *(col(AuditEntry.subject_kind), col(AuditEntry.subject_id)),
    ).where(
        col(AuditEntry.actor_id) == bindparam("person"),
        col(AuditEntry.at) > bindparam("since", type_=UtcDateTime()),
        or_(~woken.exists(), woken.where(col(Wake.state) != WakeState.DONE).exists()),
    )


async def _just_done(session: Session, person: int, now: datetime) -> Sequence[_Done]:
    """What a person recorded within a day, and no run has looked at: its wake-up is open, or it has none.

    What wakes nothing is looked at by the nightly sweep.
    """
    given = {"person": person, "since": now - _A_NIGHT}
    rows = await session.run(_just_recorded(), given)
    return [_Done(at, control, str(kind), subject) for at, control, kind, subject in rows]


def _is_done(item: ActionItem, step: Step, just: Sequence[_Done]) -> bool:
    """Whether one of them is what the item asks: of the same control, after it, about the same."""
    about = {(str(item.subject_kind), item.subject_id), (SubjectKind.ACCOUNT.value, step.account or 0)}
    about.add((SubjectKind.PERSON.value, item.person_id or 0))
    return any(
        one.at >= item.opened_at and one.control == item.control and (one.kind, one.subject) in about
        for one in just
    )


async def own_step(
    session: Session,
    policy: Policy,
    person: int,
    item: int,
    today: date,
    *,
    now: datetime | None = None,
) -> Step | None:
    """One of them; None where it is nobody's, somebody else's, or done."""
    if item not in await owed_by(session, person, today):
        return None
    return next(iter(await own_steps(session, policy, person, today, (item,), now=now)), None)


async def told_step(
    session: Session, policy: Policy, person: int, item: int, today: date, *, now: datetime | None = None
) -> Step | None:
    """A step of somebody else that a letter told this person of: as their deputy, or since it climbed.

    None where no letter did, or it is done.
    """
    offices: Offices = {}
    found = await pending_items(session, (item,), policy, today, offices)
    one = next((one for one in found if one.state is ItemState.OPEN), None)
    asked = () if one is None or one.kind in PERSONAL else one.asked
    if one is None or person not in {*asked, *_reached(one, policy)}:
        return None
    step = next(iter(await own_steps(session, policy, person, today, (item,), now=now)), None)
    names = t(" and ").join(step.owed.names) if step is not None else ""
    if step is None or person not in asked:
        return step and replace(step, asked_of=names)
    return replace(step, deputy_for=step.deputy_for or names)


def _reached(item: PendingItem, policy: Policy) -> set[int]:
    """Who is in the offices that it has climbed to, and that it passed on the way."""
    roles = [climb.to for climb in policy.terms(item.kind).climbs]
    climbs = roles.index(item.climbed_to) + 1 if item.climbed_to in roles else 0
    return {person for office in item.ladder[:climbs] for person in office or ()}


async def in_words(session: Session, policy: Policy, owed: Sequence[Owed]) -> Mapping[int, str]:
    """What is to be decided or done, as a sentence, by the number of each item that names no account."""
    nameless = {one.item for one in owed if not one.about}
    items = await _by_number(session, ActionItem, nameless)
    rows = await _rows(session, list(items.values()))
    return {number: _sentence(todo(one, rows, policy)) for number, one in items.items()}


def _sentence(says: str) -> str:
    return f"{says[:1].upper()}{says[1:]}"


async def ended(session: Session, person: int, item: int) -> ItemState | None:
    """How a step of this very person ended; None where it is open or none of theirs."""
    row = await session.get(ActionItem, item)
    return (
        row.state if row is not None and row.person_id == person and row.state is not ItemState.OPEN else None
    )


async def _step(
    session: Session, policy: Policy, item: ActionItem, owed: Owed, rows: Rows, person: int, today: date
) -> Step:
    account = account_of(item.subject_kind, item.subject_id, rows)
    request = rows.requests.get(item.subject_id) if item.subject_kind is SubjectKind.REQUEST else None
    finding = rows.findings.get(item.subject_id) if item.subject_kind is SubjectKind.FINDING else None
    says = todo(item, rows, policy)
    if asks_to_confirm(item.key) and account is not None:
        until = next(
            (one.confirm_by for one in rows.suspensions.values() if one.account_id == account.id), None
        )
        says = t(
            "confirm that {what} is stopped, or bring it back: the stop ends by itself on {until}",
            what=channel(account, policy),
            until=moment(until, policy.zone),
        )
    return Step(
        owed,
        _sentence(says),
        policy.why(item.control),
        policy.asks_of(item.control),
        _how(item, account, policy, rows),
        item.key,
        account.id if account else None,
        request.revision if request else None,
        finding.detail if finding else "",
        await _deputy_for(session, item, person, today),
    )


def _how(item: ActionItem, account: Account | None, policy: Policy, rows: Rows) -> Mending:
    """What its control says that it takes; of texts, those that the item names.

    Some kinds ask for something else than what mends the control's findings: their page says what.
    """
    if item.kind is ItemKind.CREATE_ACCOUNT and account is not None:
        return how_to_create(account, policy)
    if item.kind in _ELSE:
        return Mending()
    return how_to_ask(item, account, policy, rows)


async def _deputy_for(session: Session, item: ActionItem, person: int, today: date) -> str:
    """The name of the absent holder for whom the person would do it; empty where it is their own."""
    if item.role is None:
        return ""
    for one in await holders(session, RoleAt(item.role, item.role_school_id), today):
        if one.person_id == person:
            absent = await session.get(Person, one.deputy_for) if one.deputy_for else None
            return absent.name if absent else ""
    return ""


#: Of some accounts, those whose page or profile was seen with a fault.
_FAULTS = union_all(
    page_faults().where(among(col(PageCheck.account_id), IDS)).add_columns(literal("page").label("what")),
    profile_faults().where(among(col(ProfileCheck.account_id), IDS)).add_columns(literal("profile")),
)


async def _rows(session: Session, items: list[ActionItem]) -> Rows:
    """What these items are about, in one statement for each kind that there is."""

    def of(kind: SubjectKind) -> set[int]:
        return {one.subject_id for one in items if one.subject_kind is kind}

    rows = Rows()
    rows.requests = await _by_number(session, AccountRequest, of(SubjectKind.REQUEST))
    rows.accesses = await _with_accounts(session, Access, of(SubjectKind.ACCESS), rows.accounts)
    rows.findings = await _with_accounts(session, Finding, of(SubjectKind.FINDING), rows.accounts)
    rows.accounts |= await _by_number(session, Account, of(SubjectKind.ACCOUNT) - set(rows.accounts))
    if any(one.kind in {ItemKind.MEND_FINDING, ItemKind.MEND_NOTICE} for one in items):
        these = {IDS: list(rows.accounts)}
        for number, what in await session.run(_FAULTS, these):
            (rows.page_faults if what == "page" else rows.profile_faults).add(number)
    if stopped := {one.subject_id for one in items if asks_to_confirm(one.key)}:
        stops = select(Suspension).where(
            col(Suspension.account_id).in_(stopped), col(Suspension.ended_at).is_(None)
        )
        rows.suspensions = {one.id or 0: one for one in await session.exec(stops)}
    rows.leaves = await _by_number(session, Leave, of(SubjectKind.LEAVE))
    people = of(SubjectKind.PERSON) | {one.person_id for one in rows.leaves.values()}
    rows.people = await _by_number(session, Person, people)
    rows.pages = await _by_number(session, UnapprovedPage, of(SubjectKind.PAGE))
    rows.schools = await _by_number(session, School, of(SubjectKind.SCHOOL))
    rows.brakes = await _by_number(session, Brake, of(SubjectKind.BRAKE))
    return rows


async def _with_accounts(
    session: Session, model: type[A], numbers: set[int], accounts: dict[int, Account]
) -> dict[int, A]:
    """These accesses or findings by their numbers; their accounts are put to those that are known."""
    if not numbers:
        return {}
    found = (await session.exec(_numbered_with_account(model), params={IDS: numbers})).all()
    accounts.update({account.id or 0: account for _, account in found})
    return {one.id or 0: one for one, _ in found}


@cache
def _numbered_with_account(model: type[A]) -> SelectOfScalar[tuple[A, Account]]:
    """The select of such rows, each with its account, made once for each table."""
    joined: Any = select(model, Account).join(Account, col(Account.id) == col(model.account_id))
    return cast(SelectOfScalar[tuple[A, Account]], joined.where(among(col(model.id), IDS)))


async def _by_number(session: Session, model: type[T], numbers: set[int]) -> dict[int, T]:
    """These rows by their numbers; the store is asked for none where there are none."""
    if not numbers:
        return {}
    found = await session.exec(_numbered(model), params={IDS: numbers})
    return {one.id: one for one in found.all()}


@cache
def _numbered(model: type[T]) -> SelectOfScalar[T]:
    """The select of such rows by their numbers, made once for each table."""
    number: Any = col(model.id)  # type: ignore[attr-defined]  # every table of ours has one
    return select(model).where(among(number, IDS))

"""Live accounts whose last administrator leaves soon or has left: which there are, and asking who follows."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Result, and_, exists, func, or_, select, true
from sqlalchemy.orm import aliased
from sqlmodel import col

from policy.model import Policy
from policy.selects import runs_on
from policy.successors import KIND, decide_successor
from schemas.accounts import Access, Account
from schemas.facts import SuccessorFacts
from schemas.machinery import ActionItem
from schemas.people import Absence, Person, Role
from schemas.states import AccessState, AccountState
from schemas.words import AccessRole, ItemKind, ItemState, SubjectKind
from tasks.access.too_few import Place, held, somebody_goes
from tasks.cases import Case, Only, in_parts
from tasks.lifecycles import Stage
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.asked import asked_about
from tasks.store.audit import STEWARD
from tasks.store.designated import ending, last_day_of
from tasks.store.given import among
from tasks.store.reach import somebody
from tasks.store.session import Session


def _is_asked() -> ColumnElement[bool]:
    return and_(
        col(ActionItem.subject_kind) == SubjectKind.ACCOUNT,
        col(ActionItem.subject_id) == col(Account.id),
        col(ActionItem.kind) == KIND,
        col(ActionItem.state) == ItemState.OPEN,
    )


def _asked_at() -> Any:
    """When somebody was asked for a successor; none where nobody is."""
    return select(func.max(col(ActionItem.opened_at))).where(_is_asked()).correlate(Account).scalar_subquery()


def _granted() -> Any:
    """An administrator who is here and has access."""
    return and_(
        col(Access.state) == AccessState.GRANTED,
        col(Access.role) == AccessRole.ADMINISTRATOR,
        col(Person.id) == col(Access.person_id),
        col(Person.active),
    )


def _may_leave(horizon: date, hanging: Collection[int]) -> Any:
    """Whether something ends by the horizon for the Person who has an access: it, an office, work."""
    office = exists().where(col(Role.person_id) == col(Access.person_id), col(Role.ends_on) <= horizon)
    away = exists().where(
        col(Absence.person_id) == col(Access.person_id),
        runs_on(Absence, horizon),
    )
    missing = col(Person.leaves_on).is_not(None)
    # never unknown: it is negated
    ends = and_(col(Access.ends_on).is_not(None), col(Access.ends_on) <= horizon)
    return or_(ends, among(col(Access.id), hanging), office, away, missing)


async def _hanging(
    session: Session, policy: Policy, horizon: date, among: ColumnElement[bool]
) -> dict[int, date]:
    """The last day of each of these accesses that hangs on a designation which ends by the horizon."""
    found = (await session.run(ending(policy, horizon).where(among))).scalars().all()
    days = {access: await last_day_of(session, access) for access in found if access is not None}
    return {access: day for access, day in days.items() if day is not None}


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The live accounts with no administrator who stays, and those for which somebody is there again."""
    policy, calendar = runtime.policy, runtime.policy.calendar
    horizon = _horizon(policy, now)
    cases: list[int] = []
    async with runtime.store.read() as session:
        hanging = await _hanging(session, policy, horizon, true())
        stays = exists().where(
            col(Access.account_id) == col(Account.id), _granted(), ~_may_leave(horizon, hanging)
        )
        found = (
            select(col(Account.id), col(Account.handle))
            .where(
                or_(
                    and_(
                        col(Account.state) == AccountState.LIVE,
                        or_(~stays, somebody_goes(policy, calendar.today(now), horizon, hanging)),
                    ),
                    col(Account.id).in_(asked_about(KIND, SubjectKind.ACCOUNT)),
                ),
                true() if only is None else col(Account.id) == only.account,
            )
            .order_by(col(Account.id))
        )
        handles = {row.id: row.handle for row in await session.run(found)}
        for some in in_parts(handles):
            for facts in await successor_facts(session, some, policy, now):
                cases += [facts.account_id] if decide_successor(facts, policy, now) else []
    return tuple(Case(handles[one], (one,)) for one in cases)


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Ask as the facts of this moment say."""
    policy, calendar = runtime.policy, runtime.policy.calendar
    said = []
    async with runtime.store.write() as session:
        for facts in await successor_facts(session, case.ids, policy, now):
            outcome = decide_successor(facts, policy, now)
            if outcome:
                await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
                said.append(outcome.says)
    return tuple(said)


def _horizon(policy: Policy, now: datetime) -> date:
    return policy.calendar.today(now) + timedelta(days=policy.changes.successor_asked_days_before)


async def successor_facts(
    session: Session, account_ids: Collection[int], policy: Policy, now: datetime
) -> tuple[SuccessorFacts, ...]:
    """The facts of these accounts, in the order of their numbers: a few statements, however many."""
    horizon, today = _horizon(policy, now), policy.calendar.today(now)
    hanging = await _hanging(session, policy, horizon, among(col(Access.account_id), account_ids))
    here: Result[*tuple[Any, ...]] = await session.run(
        select(
            col(Access.id),
            col(Access.account_id),
            col(Access.person_id),
            col(Access.ends_on),
            col(Access.state_since),
        )
        .join(Person, col(Person.id) == col(Access.person_id))
        .where(among(col(Access.account_id), account_ids), _granted())
        .order_by(col(Access.id))
    )
    rows = here.all()
    everybody = {row.person_id for row in rows}
    gone = await _gone(session, everybody, today, horizon)
    on_leave = await _on_leave(session, everybody, policy, horizon)
    staying, leaving = defaultdict[int, list[int]](list), defaultdict[int, dict[int, date]](dict)
    stays_since = defaultdict[int, list[datetime]](list)
    without = defaultdict[int, dict[int, date]](dict)  # who has access no longer; on leave one still has it
    for row in rows:
        days = [day for day in (row.ends_on, hanging.get(row.id), gone.get(row.person_id)) if day]
        if days and min(days) <= horizon:
            without[row.account_id][row.person_id] = min(days)
        days += [on_leave[row.person_id]] if row.person_id in on_leave else []
        if days and min(days) <= horizon:
            leaving[row.account_id][row.person_id] = min(days)
        else:
            staying[row.account_id].append(row.person_id)
            stays_since[row.account_id].append(row.state_since)
    named = await _named(session, account_ids)
    moved = aliased(ActionItem)
    is_moved = exists().where(
        col(moved.subject_kind) == SubjectKind.ACCOUNT,
        col(moved.subject_id) == col(Account.id),
        col(moved.kind) == ItemKind.SETTLE_MOVE,
        col(moved.state) == ItemState.OPEN,
    )
    accounts: Result[*tuple[Any, ...]] = await session.run(
        select(
            col(Account.id),
            col(Account.state),
            col(Account.level),
            col(Account.school_id),
            somebody(policy, today).label("reached"),
            _asked_at().label("asked_at"),
            is_moved.label("moved"),
        )
        .where(among(col(Account.id), account_ids))
        .order_by(col(Account.id))
    )
    listed = accounts.all()
    people: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        people[row.account_id].append(row.person_id)
    places = [Place(row.id, row.level, row.school_id) for row in listed]
    counted = await held(session, policy, places, people, today, horizon)
    return tuple(
        SuccessorFacts(
            account_id=row.id,
            account_state=AccountState(row.state),
            level=row.level,
            school_id=row.school_id,
            staying=tuple(staying[row.id]),
            leaving=dict(leaving[row.id]),
            named=tuple(named[row.id]),
            reached=bool(row.reached),
            asked=row.asked_at is not None,
            came=row.asked_at is not None and any(since >= row.asked_at for since in stays_since[row.id]),
            moved=bool(row.moved),
            now=tuple(one.now for one in counted[row.id]),
            after=tuple(one.after for one in counted[row.id] if one.after.person_id not in without[row.id]),
            until={
                **{one.now.person_id: one.until for one in counted[row.id] if one.until is not None},
                **without[row.id],
            },
        )
        for row in listed
    )


async def _named(session: Session, account_ids: Collection[int]) -> dict[int, list[int]]:
    """Who is here and waits for access that is not to end, by account."""
    rows = await session.run(
        select(col(Access.account_id), col(Access.person_id))
        .join(Person, col(Person.id) == col(Access.person_id))
        .where(
            among(col(Access.account_id), account_ids),
            col(Access.state) == AccessState.WAITING,
            col(Access.ends_on).is_(None),
            col(Person.active),
        )
    )
    found = defaultdict[int, list[int]](list)
    for row in rows:
        found[row.account_id].append(row.person_id)
    return found


async def _gone(session: Session, people: Collection[int], today: date, horizon: date) -> dict[int, date]:
    """The last day at work of who is missing from a roster, or has no office after it."""
    roles = await session.run(
        select(col(Role.person_id), col(Role.ends_on)).where(
            among(col(Role.person_id), people), or_(col(Role.ends_on).is_(None), col(Role.ends_on) >= today)
        )
    )
    offices = defaultdict[int, list[date]](list)
    for row in roles:
        offices[row.person_id].append(row.ends_on or date.max)
    found = {person: max(days) for person, days in offices.items() if max(days) <= horizon}
    missing: Result[*tuple[Any, ...]] = await session.run(
        select(col(Person.id), col(Person.leaves_on)).where(
            among(col(Person.id), people), col(Person.leaves_on).is_not(None)
        )
    )
    for person, day in missing.all():
        found[person] = min(day, found.get(person, day))
    return found


async def _on_leave(
    session: Session, people: Collection[int], policy: Policy, horizon: date
) -> dict[int, date]:
    """The last day before a leave that lasts longer than a successor is asked for ahead."""
    found = dict[int, date]()
    long = timedelta(days=policy.changes.successor_asked_days_before)
    leaves = await session.run(
        select(col(Absence.person_id), col(Absence.starts_on), col(Absence.ends_on)).where(
            among(col(Absence.person_id), people),
            runs_on(Absence, horizon),
        )
    )
    for leave in leaves:
        if leave.ends_on - leave.starts_on > long:
            last = leave.starts_on - timedelta(days=1)
            found[leave.person_id] = min(last, found.get(leave.person_id, last))
    return found


#: Of the training gate: after it, which says who still has access.
STAGE = Stage("successor", due, move)

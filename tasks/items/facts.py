"""The facts of action items, many at once: a few statements for all of them."""

from collections.abc import Collection, Iterable, Mapping, MutableMapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from policy.action_items import WITH_ACCESS, first_steps_until
from policy.authority import office_at
from policy.model import Policy
from policy.selects import runs_on
from schemas.accounts import AccountRequest
from schemas.facts import PendingItem
from schemas.incidents import Incident
from schemas.leave import Leave
from schemas.machinery import ActionItem, Notice
from schemas.outcome import RoleAt
from schemas.people import Absence, Person, Role
from schemas.words import ItemKind, ItemState, SubjectKind
from tasks.items.subjects import its_school, joined_to_subjects
from tasks.store.given import IDS, TODAY, among
from tasks.store.holders import Holder, deputies_of, holders_at
from tasks.store.mailboxes import parked_by_mailbox, refuses_mail
from tasks.store.session import Session
from tasks.store.supervisors import people_under

_subject_kind, _subject_id = col(ActionItem.subject_kind), col(ActionItem.subject_id)


def may_move(policy: Policy) -> tuple[Select[int | None, ItemKind], ...]:
    """The open items that may have something to do on a school day: (item, kind). Built once a policy.

    Four selects, each answered from an index: those whose next step has come; those of people who have
    left, or whom no mail reaches; those of offices that nobody holds. Whether there *is* something to do,
    `decide_item` says. What the policy has no terms for is asked by an older one: it waits as it is.
    They are asked with the days of `days_of`.
    """
    return policy.once(("items that may move",), lambda: _may_move(policy))


def days_of(policy: Policy, today: date) -> dict[str, date]:
    """The days that `may_move` is asked with: `today`, and each kind's last due day of a first step."""
    first = {_until(one.kind): first_steps_until(one.kind, policy, today) for one in policy.items}
    return {"today": today, **first}


def _until(kind: ItemKind) -> str:
    return f"{kind.name}_until"


def _may_move(policy: Policy) -> tuple[Select[int | None, ItemKind], ...]:
    is_open = col(ActionItem.state) == ItemState.OPEN
    asked = [terms.kind for terms in policy.items]
    wanted = select(col(ActionItem.id), col(ActionItem.kind))
    if len(asked) < len(ItemKind):
        wanted = wanted.where(col(ActionItem.kind).in_(asked))
    kinds = (
        and_(
            is_open,
            col(ActionItem.next_step_on).is_(None),
            col(ActionItem.kind) == kind,
            col(ActionItem.due_on) <= bindparam(_until(kind), type_=Date()),
        )
        for kind in asked
    )
    left = select(col(Person.id)).where(col(Person.active).is_(False))
    dead = select(col(Notice.person_id)).where(parked_by_mailbox(), refuses_mail(col(Notice.person_id)))
    holder = aliased(Person)
    held = exists().where(
        col(Role.kind) == col(ActionItem.role),
        func.coalesce(col(Role.school_id), 0) == func.coalesce(col(ActionItem.role_school_id), 0),
        runs_on(Role, TODAY),
        col(holder.id) == col(Role.person_id),
        col(holder.active),
    )
    decides = col(ActionItem.kind) == ItemKind.DECIDE_REQUEST  # its holders may all be barred
    return (
        wanted.where(or_(and_(is_open, col(ActionItem.next_step_on) <= TODAY), *kinds)),
        wanted.where(is_open, col(ActionItem.person_id).in_(left)),
        wanted.where(is_open, col(ActionItem.person_id).in_(dead)),
        wanted.where(is_open, col(ActionItem.role).is_not(None), or_(decides, ~held)),
    )


#: Who may act for an office today, as it was looked up in one transaction.
Offices = MutableMapping[RoleAt, tuple[Holder, ...]]


def _items() -> Select[*tuple[Any, ...]]:
    """Some items with what is to be known of each: built once, and asked with a day and their numbers."""
    other = aliased(ActionItem)
    others = exists().where(
        col(other.subject_kind) == _subject_kind,
        col(other.subject_id) == _subject_id,
        col(other.kind) == col(ActionItem.kind),
        col(other.state) == ItemState.OPEN,
        col(other.person_id) != col(ActionItem.person_id),
    )
    away = exists().where(
        col(Absence.person_id) == col(ActionItem.person_id),
        runs_on(Absence, TODAY),
    )
    asked = joined_to_subjects(
        select(
            col(ActionItem.id),
            col(ActionItem.key),
            col(ActionItem.kind),
            col(ActionItem.control),
            col(ActionItem.subject_kind),
            col(ActionItem.state),
            col(ActionItem.opened_at),
            col(ActionItem.due_on),
            col(ActionItem.reminders),
            col(ActionItem.climbed_to),
            col(ActionItem.next_step_on),
            col(ActionItem.person_id),
            col(ActionItem.role),
            col(ActionItem.role_school_id),
            col(Person.active),
            col(AccountRequest.requester_id),
            col(Leave.person_id).label("asks_leave_id"),
            col(Incident.reported_by_id),
            col(Incident.person_id).label("reported_id"),
            col(Incident.decided_by_id).label("first_decided_by_id"),
            its_school().label("school_id"),
            others.label("others"),
            away.label("away"),
            refuses_mail(col(ActionItem.person_id)).label("refuses"),
        )
    )
    return asked.where(among(col(ActionItem.id), IDS)).order_by(col(ActionItem.id))


_ITEMS = _items()


async def pending_items(
    session: Session, item_ids: Collection[int], policy: Policy, today: date, offices: Offices
) -> tuple[PendingItem, ...]:
    """The facts of these items on `today` (a day of the division's zone), in the order of their numbers.

    `offices` is filled with those looked up on the way, so that a transaction asks for each but once.
    """
    if not item_ids:
        return ()
    rows: Sequence[Any] = await session.rows(_ITEMS, {"today": today, "ids": list(item_ids)})
    wanted = {office for row in rows for office in (_asked_office(row), *_climbs(row, policy)) if office}
    if missing := wanted - offices.keys():
        offices.update(await holders_at(session, missing, today))
    stand_ins = await deputies_of(session, {row.person_id for row in rows if row.away}, today)
    asking = {row.requester_id for row in rows if row.kind is ItemKind.DECIDE_REQUEST and row.requester_id}
    under = {one: await people_under(session, one) for one in sorted(asking)}
    return tuple(_facts(row, policy, offices, stand_ins, under) for row in rows)


def _present(everybody: Iterable[Holder]) -> tuple[int, ...]:
    """Those who are there; the absent ones only if nobody else is."""
    candidates = tuple(everybody)
    there = [one.person_id for one in candidates if not one.absent]
    return tuple(dict.fromkeys(there or [one.person_id for one in candidates]))


def _asked_office(row: Any) -> RoleAt | None:
    return RoleAt(row.role, row.role_school_id) if row.role is not None else None


def _climbs(row: Any, policy: Policy) -> tuple[RoleAt, ...]:
    return tuple(office_at(policy.office(climb.to), row.school_id) for climb in policy.terms(row.kind).climbs)


def _facts(
    row: Any,
    policy: Policy,
    offices: Offices,
    stand_ins: Mapping[int, tuple[Holder, ...]],
    under: Mapping[int, frozenset[int]],
) -> PendingItem:
    """One item's facts. Nobody is asked about their own affair, nor a deputy in that person's stead.

    The affair of a request is its requester's and theirs who work under them (5: they never decide it), that
    of a leave whose it is, that of a report who made it, whom it is about and who decided it first; any
    other, of the person asked.
    """
    office = _asked_office(row)
    concerned = {
        ItemKind.DECIDE_REQUEST: {row.requester_id, *under.get(row.requester_id, ())},
        ItemKind.DECIDE_LEAVE: {row.asks_leave_id},
        ItemKind.DECIDE_REPORT: {row.reported_by_id, row.reported_id, row.first_decided_by_id},
    }.get(row.kind, {row.person_id}) - {None}

    def there(of: RoleAt) -> tuple[int, ...]:
        return _present(one for one in offices[of] if not concerned & {one.person_id, one.deputy_for})

    asked: tuple[int, ...] = ()
    if office is not None:
        asked = there(office)
    elif row.active and not row.refuses:
        deputies = () if row.kind in WITH_ACCESS else stand_ins.get(row.person_id, ())
        asked = _present((Holder(row.person_id, absent=bool(deputies)), *deputies))
    return PendingItem(
        id=row.id,
        key=row.key,
        kind=row.kind,
        state=row.state,
        opened_at=row.opened_at,
        due_on=row.due_on,
        reminders=row.reminders,
        climbed_to=row.climbed_to,
        next_step_on=row.next_step_on,
        asked=asked,
        ladder=tuple(None if of == office else there(of) for of in _climbs(row, policy)),
        person_left=row.person_id is not None and not row.active,
        person_away=bool(row.away),
        asked_of_others=bool(row.others),
        mail_refused=bool(row.refuses),
        has_consequence=row.subject_kind == SubjectKind.FINDING
        and policy.sanction_of(row.control) is not None,
    )

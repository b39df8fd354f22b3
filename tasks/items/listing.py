"""Who owes what: the open action items as a list, with the names of those who are asked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, case, func, select, union_all
from sqlmodel import col

from policy.model import Policy
from policy.notices.words import short
from schemas.accounts import Account
from schemas.machinery import ActionItem
from schemas.outcome import RoleAt
from schemas.people import Person, School
from schemas.public import Correction
from schemas.words import ItemKind, ItemState, SubjectKind
from tasks.items.subjects import its_handle, its_platform, its_school, joined_to_subjects
from tasks.store import lookup
from tasks.store.given import IDS, TODAY, among
from tasks.store.holders import holders_at, may_hold, told_of
from tasks.store.mailboxes import refuses_mail
from tasks.store.session import Session


@dataclass(frozen=True)
class Owed:
    """One open action item. Asked of a person, or of an office; `names` are those who answer for it today.

    `school` is the office's; `subject` is the number of what it is about, and `about` how people call it or
    how it begins; empty for what has no name. `account`: the number of the account that it is about or at.
    """

    item: int
    kind: str
    person: int | None
    office: str | None
    school: int | None
    school_name: str | None
    names: tuple[str, ...]
    has_left: bool
    mail_refused: bool
    subject_kind: str
    subject: int
    handle: str | None
    control: str
    clause: str
    due_on: date
    days_late: int
    reminders: int
    climbed_to: str | None
    about: str = ""
    account: int | None = None

    @property
    def decides_request(self) -> bool:
        """Whether a request is to be decided: who was named for an account is decided on elsewhere."""
        return (self.kind, self.subject_kind) == (ItemKind.DECIDE_REQUEST, SubjectKind.REQUEST)


#: What is shown of an item itself.
_SHOWN = (
    *(col(ActionItem.id), col(ActionItem.kind), col(ActionItem.control), col(ActionItem.person_id)),
    *(col(ActionItem.role), col(ActionItem.role_school_id)),
    *(col(ActionItem.subject_kind), col(ActionItem.subject_id)),
    *(col(ActionItem.due_on), col(ActionItem.reminders), col(ActionItem.climbed_to)),
)


@cache
def _open_items(*, whole: bool = False) -> Select[*tuple[Any, ...]]:
    """The select of every open item, the longest overdue first; made once, since it takes its time.

    `whole`: the first column is the item, with all that is known of it.
    """
    return (
        joined_to_subjects(
            select(
                *((ActionItem,) if whole else _SHOWN),
                col(Person.given_name),
                col(Person.family_name),
                col(Person.active),
                col(School.name).label("school"),
                col(Account.id).label("account"),
                its_handle().label("handle"),
                its_platform().label("platform"),
                refuses_mail(col(ActionItem.person_id)).label("refuses"),
            )
        )
        .outerjoin(School, col(School.id) == col(ActionItem.role_school_id))
        .where(col(ActionItem.state) == ItemState.OPEN)
        .order_by(col(ActionItem.due_on), col(ActionItem.id))
    )


@cache
def _these_items(*, whole: bool = False) -> Select[*tuple[Any, ...]]:
    """The same for those of some numbers."""
    return _open_items(whole=whole).where(among(col(ActionItem.id), IDS))


async def list_owed(
    session: Session,
    policy: Policy,
    today: date,
    *,
    person: str | int | None = None,
    school: str | None = None,
    kind: str | None = None,
    items: Sequence[int] | None = None,
    at_most: int | None = None,
    past: int = 0,
) -> tuple[Owed, ...]:
    """Every open item, the longest overdue first; of a person (also in an office), a school, a kind.

    Person and school are given as people know them, or as the person's number. What an item is about is
    looked up for what is shown alone, so that a list costs what it shows. `items`: of these. `past`: so many
    that wait longest are left out, where `at_most` is given. Raises Unknown.
    """
    if person is not None:
        who = (
            await lookup.person_id(session, person, must_be_active=False)
            if isinstance(person, str)
            else person
        )
        items = await owed_by(session, who, today)
    elif items is None and school is None and at_most is not None:
        items, past = await _longest(session, kind, at_most, past), 0
    asked = _open_items() if items is None else _these_items()
    if school is not None:
        asked = asked.where(its_school() == (await lookup.school(session, school)).id)
    if kind is not None:
        asked = asked.where(col(ActionItem.kind) == kind)
    if at_most is not None and (items is None or len(items) > at_most):
        asked = asked.limit(at_most).offset(past)
    rows = await session.rows(asked, {IDS: items or ()})
    return await _told(session, policy, today, [(row, row) for row in rows])


async def owed_whole(
    session: Session, policy: Policy, today: date, items: Sequence[int], *, account: int | None = None
) -> Sequence[tuple[Owed, ActionItem]]:
    """The open ones of these items, each with all that is known of it; `account`: those about it alone."""
    asked: Any = _these_items(whole=True)
    rows = (await session.exec(asked, params={IDS: items})).all() if items else ()
    pairs = [(row.ActionItem, row) for row in rows if account is None or row.account == account]
    told = await _told(session, policy, today, pairs)
    return [(owed, item) for owed, (item, _) in zip(told, pairs, strict=True)]


async def _told(
    session: Session, policy: Policy, today: date, pairs: Sequence[tuple[Any, Row[*tuple[Any, ...]]]]
) -> tuple[Owed, ...]:
    """Each item, and what stands beside it, as it is shown."""
    offices = {RoleAt(one.role, one.role_school_id) for one, _ in pairs if one.role is not None}
    held = await _names(session, offices, today) if offices else {}
    misleading = await _misleading(session, policy, [one for one, _ in pairs])
    return tuple(
        Owed(
            item=one.id,
            kind=str(one.kind),
            person=one.person_id,
            office=None if one.role is None else str(one.role),
            school=one.role_school_id,
            school_name=beside.school,
            names=(
                (f"{beside.given_name} {beside.family_name}",)
                if one.role is None
                else held[RoleAt(one.role, one.role_school_id)]
            ),
            has_left=one.role is None and not beside.active,
            mail_refused=bool(beside.refuses),
            subject_kind=str(one.subject_kind),
            subject=one.subject_id,
            handle=beside.handle,
            control=one.control,
            clause=policy.number_of(one.control),
            due_on=one.due_on,
            days_late=max((today - one.due_on).days, 0),
            reminders=one.reminders,
            climbed_to=None if one.climbed_to is None else str(one.climbed_to),
            about=misleading.get(one.subject_id, "")
            if one.subject_kind == SubjectKind.CORRECTION
            else policy.says_account(beside.platform, beside.handle)
            if beside.handle
            else "",
            account=beside.account,
        )
        for one, beside in pairs
    )


#: The open items of a person; and with those the ones of offices: of the division's, and of some schools'.
#: Each part by an index of its own.
_OWED: Select[*tuple[Any, ...]] = select(
    *(col(ActionItem.due_on), col(ActionItem.id), col(ActionItem.person_id)),
    *(col(ActionItem.role), col(ActionItem.role_school_id)),
).where(col(ActionItem.state) == ItemState.OPEN)
_OF_PERSON = _OWED.where(col(ActionItem.person_id) == bindparam("person"))
_OF_OFFICES = _OWED.where(among(col(ActionItem.role), "offices"))
_OF_PERSON_AND_OFFICES = union_all(
    _OF_PERSON,
    _OF_OFFICES.where(col(ActionItem.role_school_id).is_(None)),
    _OF_OFFICES.where(among(col(ActionItem.role_school_id), "schools")),
)


async def owed_by(session: Session, person: int, today: date) -> tuple[int, ...]:
    """The numbers of what waits for a person, also in an office, the longest overdue first."""
    held = set(await _offices(session, person, today))
    given: dict[str, Any] = {"person": person}
    if held:
        given["offices"] = sorted({one.role for one in held})
        given["schools"] = sorted({one.school_id for one in held if one.school_id is not None})
    rows = await session.rows(_OF_PERSON_AND_OFFICES if held else _OF_PERSON, given)
    found = {
        (due_on, number)
        for due_on, number, whose, office, school in rows
        if whose == person or RoleAt(office, school) in held  # an office of one school, and not of another
    }
    return tuple(number for _, number in sorted(found))


_LONGEST = (
    select(col(ActionItem.id))
    .where(col(ActionItem.state) == ItemState.OPEN)
    .order_by(col(ActionItem.due_on), col(ActionItem.id))
)


async def _longest(session: Session, kind: str | None, at_most: int, past: int) -> Sequence[int]:
    """The numbers of the open items that wait longest, of one kind or of all, after some of them."""
    asked = _LONGEST if kind is None else _LONGEST.where(col(ActionItem.kind) == kind)
    asked = asked.limit(at_most).offset(past)
    return [number or 0 for number in (await session.run(asked)).scalars()]


@dataclass(frozen=True)
class OpenOf:
    """How many items of a kind are open, and how many of them are late."""

    kind: str
    count: int
    late: int


#: Open items by kind: how many, and how many of them are late.
_COUNTED = (
    select(
        col(ActionItem.kind),
        func.count(),
        func.sum(case((col(ActionItem.due_on) < TODAY, 1), else_=0)),
    )
    .where(col(ActionItem.state) == ItemState.OPEN)
    .group_by(col(ActionItem.kind))
)


async def count_owed(session: Session, today: date, *, school: str | None = None) -> tuple[OpenOf, ...]:
    """How many open items there are of each kind, the most first; of one school. Raises Unknown."""
    counted = _COUNTED
    if school is not None:
        at = (await lookup.school(session, school)).id
        counted = joined_to_subjects(counted).where(its_school() == at)
    rows = await session.rows(counted, {"today": today})
    found = [OpenOf(str(kind), count, int(late)) for kind, count, late in rows]
    return tuple(sorted(found, key=lambda one: (-one.count, one.kind)))


async def _offices(session: Session, person: int, today: date) -> Collection[RoleAt]:
    """Every office that a person holds today, or deputizes for."""
    possible = await may_hold(session, person, today)
    held = await holders_at(session, possible, today) if possible else {}
    return [office for office in possible if person in {one.person_id for one in held[office]}]


async def _misleading(session: Session, policy: Policy, rows: Sequence[Any]) -> Mapping[int, str]:
    """Where each correction stands, and how it begins; the store is asked for none where there are none."""
    numbers = [one.subject_id for one in rows if one.subject_kind == SubjectKind.CORRECTION]
    if not numbers:
        return {}
    asked = select(
        col(Correction.id), col(Correction.says), col(Account.platform), col(Account.handle)
    ).outerjoin(Account, col(Account.id) == col(Correction.account_id))
    found = {}
    for one in await session.run(asked.where(col(Correction.id).in_(numbers))):
        at = policy.says_account(one.platform, one.handle) if one.handle else ""
        found[int(one.id or 0)] = ": ".join(part for part in (at, short(" ".join(one.says.split()))) if part)
    return found


async def _names(
    session: Session, offices: Collection[RoleAt], today: date
) -> Mapping[RoleAt, tuple[str, ...]]:
    """Who answers for each of these offices today."""
    people = {office: told_of(held) for office, held in (await holders_at(session, offices, today)).items()}
    wanted = {one for some in people.values() for one in some}
    if not wanted:
        return dict.fromkeys(offices, ())
    rows = await session.run(
        select(col(Person.id), col(Person.given_name), col(Person.family_name)).where(
            col(Person.id).in_(wanted)
        )
    )
    names = {row.id: f"{row.given_name} {row.family_name}" for row in rows}
    return {office: tuple(names[one] for one in sorted(some)) for office, some in people.items()}

"""Which controls act and which only observe, and whom one finds: what is looked at before its mode is set."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import col

from policy.controls import Rule
from policy.model import Policy, SetMode
from policy.modes import why_not
from schemas.accounts import Access, Account
from schemas.adoption import ControlMode
from schemas.columns import table_of
from schemas.errors import Unknown
from schemas.findings import Finding
from schemas.people import Person, School
from schemas.states import AccessState
from schemas.words import ALL_SCHOOLS, Mode
from tasks.store import Store
from tasks.store.session import Session


@dataclass(frozen=True)
class Met:
    """One account that does not hold to a control. `people`, `names`: who run it, or whom it is about."""

    finding: int
    account: int
    platform: str
    handle: str
    school_name: str
    due_on: date
    detail: str
    people: tuple[int, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Watched:
    """A control and its mode today. `since`: from when it was set; `next_on`: it acts from then on."""

    control: str
    clause: str
    title: str
    mode: Mode
    may_be_set: bool
    since: date | None
    reason: str
    next_on: date | None
    found: int


async def met(session: Session, control: str) -> tuple[Met, ...]:
    """The live accounts that the last sweep found for a control, the longest due first."""
    finding = table_of(Finding).c
    rows = await session.run(
        select(
            finding.id,
            finding.account_id,
            finding.person_id,
            finding.due_on,
            finding.detail,
            col(Account.platform),
            col(Account.handle),
            col(School.name).label("school"),
        )
        .join(Account, col(Account.id) == finding.account_id)
        .outerjoin(School, col(School.id) == col(Account.school_id))
        .where(finding.control == control, finding.resolved_at.is_(None))
        .order_by(finding.due_on, finding.id)
    )
    found = rows.all()
    runs: dict[int, list[tuple[int, str]]] = defaultdict(list)
    running: Select[*tuple[Any, ...]] = (
        select(
            col(Access.account_id),
            col(Person.id).label("person_id"),
            col(Person.given_name),
            col(Person.family_name),
        )
        .join(Person, col(Person.id) == col(Access.person_id))
        .where(
            col(Access.account_id).in_({row.account_id for row in found}),
            col(Access.state) == AccessState.GRANTED,
            col(Person.active),
        )
        .order_by(col(Person.id))
    )
    for run in await session.run(running):
        name = f"{run.given_name} {run.family_name}"
        runs[run.account_id].append((run.person_id, name))
    listed = []
    for row in found:
        theirs = [one for one in runs[row.account_id] if row.person_id in {0, one[0]}]
        listed.append(
            Met(
                row.id,
                row.account_id,
                row.platform,
                row.handle,
                row.school or ALL_SCHOOLS,
                row.due_on,
                row.detail,
                tuple(number for number, _ in theirs),
                tuple(name for _, name in theirs),
            )
        )
    return tuple(listed)


async def watched(store: Store, policy: Policy, today: date, name: str | None = None) -> tuple[Watched, ...]:
    """Every control that finds something, with its mode today; or the one of this name. Raises Unknown."""
    rules = [one for one in policy.controls if isinstance(one, Rule) and name in {None, one.name}]
    if not rules:
        raise Unknown(f"No control {name} finds anything: `steward control list` shows those that do.")
    async with store.read() as session:
        rows = await session.run(
            select(
                col(ControlMode.id),
                col(ControlMode.control),
                col(ControlMode.from_on),
                col(ControlMode.reason),
            ).where(col(ControlMode.ended_at).is_(None))
        )
        reasons = {row.id: row.reason for row in rows}
        found = await session.run(
            select(col(Finding.control), func.count().label("found"))
            .where(col(Finding.resolved_at).is_(None))
            .group_by(col(Finding.control))
        )
        counts = {row.control: row.found for row in found}
    listed = []
    for one in rules:
        theirs = [each for each in policy.set_modes if each.control == one.name]
        begun = max((each for each in theirs if each.from_on <= today), key=_latest, default=None)
        ahead = max((each for each in theirs if each.from_on > today), key=_latest, default=None)
        shown = ahead or begun
        listed.append(
            Watched(
                one.name,
                policy.number_of(one.name),
                policy.title_of(one.name),
                one.mode,
                not why_not(one),
                begun.from_on if begun else None,
                reasons.get(shown.number, "") if shown else "",
                ahead.from_on if ahead else None,
                counts.get(one.name, 0),
            )
        )
    return tuple(listed)


def _latest(one: SetMode) -> tuple[date, int]:
    return one.from_on, one.number


async def met_now(store: Store, control: str) -> tuple[Met, ...]:
    """The same as `met`, in a transaction of its own."""
    async with store.read() as session:
        return await met(session, control)

"""How accounts and schools stand, as lists: what the figures of the sweep's report count beside findings."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Result, Select, exists, false, func, or_, select
from sqlmodel import col

from policy.controls import Rule
from policy.model import Policy
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.findings import Finding
from schemas.people import School
from schemas.states import AccountState
from schemas.words import ALL_SCHOOLS
from tasks.store.given import among
from tasks.store.session import Session


@dataclass(frozen=True)
class SchoolStanding:
    """How one school stands tonight; `number` is None for the division's own accounts."""

    number: int | None
    school: str
    live: int
    findings: int


@dataclass(frozen=True)
class SchoolByControl:
    """A school's live accounts, and how many open findings there are about them by each control."""

    number: int | None
    school: str
    live: int
    findings: Mapping[str, int]


@dataclass(frozen=True)
class AccountStanding:
    """A live account as a line of a list, and how many findings are open about it."""

    account: int
    handle: str
    platform: str
    level: str
    school: str
    findings: int


async def list_schools(session: Session, at_most: int) -> tuple[SchoolStanding, ...]:
    """Schools with live accounts: how many, and how many open findings; the most findings first."""
    # each counted by the number of the school alone: names are read of few, and not sorted for a million
    # the whole's own accounts have none: they are counted under 0, since nothing equals no value
    school = func.coalesce(col(Account.school_id), 0).label("of")
    live = (
        select(school, func.count().label("live"))
        .where(col(Account.state) == AccountState.LIVE)
        .group_by(school)
        .subquery("live")
    )
    found = (
        select(school, func.count().label("open"))
        .join(Finding, col(Finding.account_id) == col(Account.id))
        .where(col(Finding.resolved_at).is_(None), col(Account.state) == AccountState.LIVE)
        .group_by(school)
        .subquery("found")
    )
    findings = func.coalesce(found.c.open, 0)
    rows = await session.run(
        select(
            col(School.id).label("number"),
            func.coalesce(col(School.name), ALL_SCHOOLS).label("school"),
            live.c.live,
            findings.label("findings"),
        )
        .select_from(live)
        .outerjoin(table_of(School), col(School.id) == live.c.of)
        .outerjoin(found, found.c.of == live.c.of)
        .order_by(findings.desc(), col(School.name))
        .limit(at_most)
    )
    return tuple(SchoolStanding(row.number, row.school, row.live, int(row.findings)) for row in rows)


async def by_school_and_control(session: Session) -> tuple[SchoolByControl, ...]:
    """Every school with live accounts, by its name; the whole's own accounts first."""
    live = await session.run(
        select(col(School.id), col(School.name), func.count())
        .select_from(table_of(Account))
        .outerjoin(table_of(School), col(School.id) == col(Account.school_id))
        .where(col(Account.state) == AccountState.LIVE)
        .group_by(col(School.id), col(School.name))
    )
    open_findings = await session.run(
        select(col(Account.school_id), col(Finding.control), func.count())
        .join(Account, col(Account.id) == col(Finding.account_id))
        .where(col(Finding.resolved_at).is_(None), col(Account.state) == AccountState.LIVE)
        .group_by(col(Account.school_id), col(Finding.control))
    )
    found: dict[int | None, dict[str, int]] = {}
    for school, control, count in open_findings:
        found.setdefault(school, {})[control] = count
    rows = [
        SchoolByControl(number, name or ALL_SCHOOLS, count, found.get(number, {}))
        for number, name, count in live
    ]
    return tuple(sorted(rows, key=lambda one: (one.number is not None, one.school)))


async def list_school_accounts(
    session: Session, schools: Collection[int | None], at_most: int
) -> dict[int | None, tuple[AccountStanding, ...]]:
    """The live accounts of each of these schools; None is the whole's own. The most findings first."""
    its = or_(
        among(col(Account.school_id), [one for one in schools if one is not None]),
        col(Account.school_id).is_(None) if None in schools else false(),
    )
    every = _standing(its).add_columns(col(Account.school_id).label("of")).subquery()
    place = func.row_number().over(
        partition_by=every.c.of, order_by=(every.c.findings.desc(), every.c.account)
    )
    placed = select(every, place.label("place")).subquery()
    rows: Result[*tuple[Any, ...]] = await session.run(
        select(placed).where(placed.c.place <= at_most).order_by(placed.c.place)
    )
    found: dict[int | None, list[AccountStanding]] = {school: [] for school in schools}
    for *standing, of, _ in rows:
        found[of].append(AccountStanding(*standing))
    return {school: tuple(its) for school, its in found.items()}


async def list_holding(
    session: Session, rule: Rule, policy: Policy, at_most: int
) -> tuple[AccountStanding, ...]:
    """The live accounts that a rule speaks of and has no open finding about."""
    violates = exists().where(
        col(Finding.control) == rule.name,
        col(Finding.account_id) == col(Account.id),
        col(Finding.resolved_at).is_(None),
    )
    # the accounts are chosen first: their findings are counted for a page of them, not for all
    chosen = select(col(Account.id)).where(_is_live_one_by_one(), rule.scope(policy), ~violates)
    chosen = chosen.order_by(col(Account.id)).limit(at_most)
    rows: Result[*tuple[Any, ...]] = await session.run(
        _standing(col(Account.id).in_(chosen)).order_by(col(Account.id))
    )
    return tuple(AccountStanding(*row) for row in rows)


def _is_live_one_by_one() -> ColumnElement[bool]:
    """Whether an account is live, for a look through them in their order that ends after a few.

    As "in no other state". By its index SQLite would first find and sort all that are live: of a million,
    nearly a second for each control.
    """
    return col(Account.state).not_in([one for one in AccountState if one is not AccountState.LIVE])


def _standing(which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """The live accounts of a condition, with how many findings are open about each."""
    return (
        select(
            col(Account.id).label("account"),
            col(Account.handle),
            col(Account.platform),
            col(Account.level),
            func.coalesce(col(School.name), ALL_SCHOOLS).label("school"),
            func.count(col(Finding.id)).label("findings"),
        )
        .select_from(table_of(Account))
        .outerjoin(table_of(School), col(School.id) == col(Account.school_id))
        .outerjoin(
            table_of(Finding),
            (col(Finding.account_id) == col(Account.id)) & col(Finding.resolved_at).is_(None),
        )
        .where(col(Account.state) == AccountState.LIVE, which)
        .group_by(
            *(col(Account.id), col(Account.handle), col(Account.platform), col(Account.level)),
            *(col(Account.school_id), col(School.name)),
        )
    )

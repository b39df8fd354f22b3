"""How accounts and schools stand, as lists: what the figures of the sweep's report count beside findings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Result, exists, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.controls import Rule
from policy.model import Policy
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.findings import Finding
from schemas.people import School
from schemas.states import AccountState
from schemas.words import ALL_SCHOOLS


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
    level: str
    school: str
    findings: int


async def list_schools(session: AsyncSession, at_most: int) -> tuple[SchoolStanding, ...]:
    """Schools with live accounts: how many, and how many open findings; the most findings first."""
    open_findings = (
        select(col(Finding.account_id), func.count().label("open"))
        .where(col(Finding.resolved_at).is_(None))
        .group_by(col(Finding.account_id))
        .subquery()
    )
    findings = func.coalesce(func.sum(open_findings.c.open), 0)
    rows = await (await session.connection()).execute(
        select(
            col(School.id).label("number"),
            func.coalesce(col(School.name), ALL_SCHOOLS).label("school"),
            func.count().label("live"),
            findings.label("findings"),
        )
        .select_from(table_of(Account))
        .outerjoin(table_of(School), col(School.id) == col(Account.school_id))
        .outerjoin(open_findings, open_findings.c.account_id == col(Account.id))
        .where(col(Account.state) == AccountState.LIVE)
        .group_by(col(School.id), col(School.name))
        .order_by(findings.desc(), col(School.name))
        .limit(at_most)
    )
    return tuple(SchoolStanding(row.number, row.school, row.live, int(row.findings)) for row in rows)


async def by_school_and_control(session: AsyncSession) -> tuple[SchoolByControl, ...]:
    """Every school with live accounts, by its name; the whole's own accounts first."""
    connection = await session.connection()
    live = await connection.execute(
        select(col(School.id), col(School.name), func.count())
        .select_from(table_of(Account))
        .outerjoin(table_of(School), col(School.id) == col(Account.school_id))
        .where(col(Account.state) == AccountState.LIVE)
        .group_by(col(School.id), col(School.name))
    )
    open_findings = await connection.execute(
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
    session: AsyncSession, school: int | None, at_most: int
) -> tuple[AccountStanding, ...]:
    """The live accounts of a school, or of the whole division; the most findings first."""
    its = col(Account.school_id).is_(None) if school is None else col(Account.school_id) == school
    return await _listed(session, its, at_most)


async def list_holding(
    session: AsyncSession, rule: Rule, policy: Policy, at_most: int
) -> tuple[AccountStanding, ...]:
    """The live accounts that a rule speaks of and has no open finding about."""
    violates = exists().where(
        col(Finding.control) == rule.name,
        col(Finding.account_id) == col(Account.id),
        col(Finding.resolved_at).is_(None),
    )
    return await _listed(session, rule.scope(policy) & ~violates, at_most, by_number=True)


async def _listed(
    session: AsyncSession, which: ColumnElement[bool], at_most: int, *, by_number: bool = False
) -> tuple[AccountStanding, ...]:
    # the accounts are chosen first: their findings are counted for a page of them, not for all
    chosen = select(col(Account.id)).where(col(Account.state) == AccountState.LIVE, which)
    if by_number:
        chosen = chosen.order_by(col(Account.id)).limit(at_most)
    findings = func.count(col(Finding.id))
    rows: Result[*tuple[Any, ...]] = await (await session.connection()).execute(
        select(
            col(Account.id).label("account"),
            col(Account.handle),
            col(Account.level),
            func.coalesce(col(School.name), ALL_SCHOOLS).label("school"),
            findings.label("findings"),
        )
        .select_from(table_of(Account))
        .outerjoin(table_of(School), col(School.id) == col(Account.school_id))
        .outerjoin(
            table_of(Finding),
            (col(Finding.account_id) == col(Account.id)) & col(Finding.resolved_at).is_(None),
        )
        .where(col(Account.id).in_(chosen))
        .group_by(col(Account.id), col(Account.handle), col(Account.level), col(School.name))
        .order_by(*(() if by_number else (findings.desc(),)), col(Account.id))
        .limit(at_most)
    )
    return tuple(AccountStanding(*row) for row in rows)

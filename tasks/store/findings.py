"""Standing rules against the store: findings open and resolve by set arithmetic, in the database.

No row travels to Python to be judged. Run twice, nothing changes; two sweeps at once give one result.
Nobody is told here (`telling` does that) and nothing is suspended.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, exists, func, literal, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model import Policy
from policy.rules import COLUMNS, Rule
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.outcome import Subject
from schemas.standing import Finding
from schemas.states import AccountState
from schemas.words import SubjectKind
from tasks.store.audit import STEWARD, append

#: Ids named one by one in a statement; both databases limit how many parameters it may have.
AT_ONCE = 1000


@dataclass(frozen=True)
class Standing:
    """How many live accounts of a rule's scope hold its clause, and how many violate it."""

    clause: str
    held: int
    violated: int


@dataclass(frozen=True)
class RuleOutcome(Standing):
    """The same after a run, with how many findings it opened and resolved."""

    opened: int
    resolved: int


async def look(
    session: AsyncSession, rule: Rule, policy: Policy, today: date, only: Collection[int] | None = None
) -> Standing:
    """Judge without writing anything, on `today`, a day of the division's zone; `only` these accounts."""
    live = violated = 0
    for some in _in_parts(only):
        live += await _live(session, rule, policy, some)
        violated += await _count(session, rule.violators(policy, today, some).subquery().c.account_id)
    return Standing(rule.clause, live - violated, violated)


async def hold(
    session: AsyncSession,
    rule: Rule,
    policy: Policy,
    today: date,
    now: datetime,
    only: Collection[int] | None = None,
) -> RuleOutcome:
    """Hold the live accounts to a rule: open a finding for each new violator, resolve what is mended.

    A finding that comes back is a new one. An account that is closed, or out of the rule's scope, has its
    findings resolved too; those of a suspended one stand until they are mended, and are not counted.
    `today` is a day of the division's zone; `only` narrows to some accounts.
    One audit entry when something changed. Only within `Store.write()`.
    """
    opened = resolved = live = violated = 0
    for some in _in_parts(only):
        opened += await _open(session, rule, policy, today, now, some)
        resolved += await _resolve(session, rule, policy, today, now, some)
        live += await _live(session, rule, policy, some)
        violated += await _count(session, col(Finding.account_id), _is_open(rule, some) & _of_live())
    if opened or resolved:
        await append(
            session,
            Subject(SubjectKind.RULE, 0),  # a rule has no number: the entry's clause names it
            actor=STEWARD,
            clause=rule.clause,
            cause="held to the rule",
            now=now,
            body={"opened": opened, "resolved": resolved, "violated": violated, "held": live - violated},
        )
    return RuleOutcome(rule.clause, live - violated, violated, opened, resolved)


async def _open(
    session: AsyncSession,
    rule: Rule,
    policy: Policy,
    today: date,
    now: datetime,
    only: Collection[int] | None,
) -> int:
    """Violators without an open finding get one. The unique index settles a race; so does the lock before."""
    connection = await session.connection()
    finding = table_of(Finding)
    violators = rule.violators(policy, today, only).subquery("violator")
    new = select(
        literal(rule.clause),
        literal(now, finding.c.opened_at.type),
        *(violators.c[name] for name in COLUMNS),
    ).where(
        ~exists().where(
            finding.c.rule == rule.clause,
            finding.c.resolved_at.is_(None),
            finding.c.account_id == violators.c.account_id,
            finding.c.person_id == violators.c.person_id,
        )
    )
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = (
        make(finding)
        .from_select(["rule", "opened_at", *COLUMNS], new)
        .on_conflict_do_nothing(
            index_elements=["rule", "account_id", "person_id"], index_where=finding.c.resolved_at.is_(None)
        )
    )
    return (await connection.execute(statement)).rowcount


async def _resolve(
    session: AsyncSession,
    rule: Rule,
    policy: Policy,
    today: date,
    now: datetime,
    only: Collection[int] | None,
) -> int:
    """Open findings whose violation is gone end now."""
    connection = await session.connection()
    # only accounts with something to resolve are judged again: few, however many there are
    narrowed = select(col(Finding.account_id)).where(_is_open(rule, only))
    violators = rule.violators(policy, today, narrowed, suspended_too=True).subquery("violator")
    statement = (
        update(table_of(Finding))
        .where(
            _is_open(rule, only),
            ~exists().where(
                violators.c.account_id == col(Finding.account_id),
                violators.c.person_id == col(Finding.person_id),
            ),
        )
        .values(resolved_at=now)
    )
    return (await connection.execute(statement)).rowcount


async def _live(session: AsyncSession, rule: Rule, policy: Policy, only: Collection[int] | None) -> int:
    """How many live accounts the rule speaks of. They are different as they stand."""
    counted = rule.accounts(policy, only).with_only_columns(func.count(col(Account.id)))
    return int((await (await session.connection()).execute(counted)).scalar_one())


async def _count(
    session: AsyncSession, accounts: SQLColumnExpression[Any], condition: ColumnElement[bool] | None = None
) -> int:
    """How many different accounts."""
    connection = await session.connection()
    found = select(func.count(accounts.distinct())).where(true() if condition is None else condition)
    return int((await connection.execute(found)).scalar_one())


def _is_open(rule: Rule, only: Collection[int] | None) -> ColumnElement[bool]:
    """The open findings of a rule, about `only` these accounts if given."""
    found = (col(Finding.rule) == rule.clause) & col(Finding.resolved_at).is_(None)
    return found if only is None else found & col(Finding.account_id).in_(only)


def _of_live() -> ColumnElement[bool]:
    """The findings whose account is live."""
    return exists().where(col(Account.id) == col(Finding.account_id), col(Account.state) == AccountState.LIVE)


def _in_parts(only: Collection[int] | None) -> Iterator[Collection[int] | None]:
    """All accounts at once, or the named ones in parts that a statement can take."""
    if only is None:
        yield None
        return
    ids = sorted(set(only))
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]

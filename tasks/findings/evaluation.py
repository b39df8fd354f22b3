"""Rules against the store: findings open and resolve by set arithmetic, in the database.

A rule is evaluated once a night, into a table that lives for its transaction; what opens and what resolves is
the difference between that and the open findings. No row travels to Python to be judged. Run twice, nothing
changes; two sweeps at once give one result. Nobody is told here (`telling` does that), nothing is suspended.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    func,
    literal,
    select,
    table,
    tuple_,
    update,
)
from sqlalchemy import column as column_named
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from policy.controls import COLUMNS, Rule
from policy.model import Policy
from schemas.columns import table_of
from schemas.findings import Finding
from schemas.outcome import Subject
from schemas.words import SubjectKind
from tasks.store.audit import STEWARD, append
from tasks.store.given import among
from tasks.store.session import Session
from tasks.store.temporary_table import give_room, temporary_table

#: Who violates the rule that is being held: a table of the transaction.
VIOLATOR = table("violator", *(column_named(name) for name in COLUMNS), column_named("live", Boolean()))
#: Ids named one by one in a statement; both databases limit how many parameters it may have.
AT_ONCE = 1000


@dataclass(frozen=True)
class ControlCounts:
    """How many live accounts of a control's scope hold it, and how many violate it."""

    control: str
    held: int
    violated: int


@dataclass(frozen=True)
class RuleOutcome(ControlCounts):
    """The same after a run, with how many findings it opened and resolved."""

    opened: int
    resolved: int


async def look(
    session: Session, rule: Rule, policy: Policy, today: date, only: Collection[int] | None = None
) -> ControlCounts:
    """Judge without writing anything, on `today`, a day of the division's zone; `only` these accounts."""
    live = violated = 0
    await give_room(session)
    for some in _in_parts(only):
        live += (await session.run(_live(rule, policy, some))).scalar_one()
        found = rule.violators(policy, today, some).subquery()
        counted = select(func.count(found.c.account_id.distinct()))
        violated += (await session.run(counted)).scalar_one()
    return ControlCounts(rule.name, live - violated, violated)


async def first_violation(
    session: Session, rule: Rule, policy: Policy, today: date, account: int
) -> str | None:
    """What one account lacks by a rule, live or suspended; None where it lacks nothing."""
    found = await session.run(rule.violators_to_keep(policy, today, [account]))
    row = found.first()
    return None if row is None else str(row.detail)


async def evaluate(
    session: Session,
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
        # once, and not in the midst of an INSERT or UPDATE: there PostgreSQL plans a rule's joins together
        # with the findings, of which it has no figures yet, and never in parallel: 40 times slower
        violators = rule.violators_to_keep(policy, today, some)
        async with temporary_table(session, VIOLATOR.name, violators):
            seen = await _compared(session, rule, policy, some)
            live, violated = live + seen.live, violated + seen.violated
            if seen.opens:
                opened += await _open(session, rule, now, some)
            if seen.resolves:
                resolved += await _resolve(session, rule, now, some)
    if opened or resolved:
        await append(
            session,
            Subject(SubjectKind.RULE, 0),  # a rule has no number: the entry's control names it
            actor=STEWARD,
            control=rule.name,
            cause="held to the rule",
            now=now,
            body={"opened": opened, "resolved": resolved, "violated": violated, "held": live - violated},
        )
    return RuleOutcome(rule.name, live - violated, violated, opened, resolved)


async def let_go(session: Session, policy: Policy, now: datetime) -> int:
    """Resolve the open findings of controls that are off, or not in the policy any more; how many.

    One audit entry a control. Only within `Store.write()`.
    """
    stale = and_(
        col(Finding.resolved_at).is_(None), col(Finding.control).not_in([one.name for one in policy.rules()])
    )
    rows = await session.run(
        select(col(Finding.control), func.count().label("open")).where(stale).group_by(col(Finding.control))
    )
    counted = {row.control: int(row.open) for row in rows}
    if not counted:
        return 0
    await session.run(update(table_of(Finding)).where(stale).values(resolved_at=now))
    for control, number in sorted(counted.items()):
        await append(
            session,
            Subject(SubjectKind.RULE, 0),
            actor=STEWARD,
            control=control,
            cause="no longer asked",
            now=now,
            body={"opened": 0, "resolved": number},
        )
    return sum(counted.values())


async def _compared(session: Session, rule: Rule, policy: Policy, only: Collection[int] | None) -> Any:
    """How many accounts are live, and violate it; whether anything opens, or resolves: one look at all."""
    if only is None:
        asked = policy.once(("comparing", rule.name), lambda: _comparing(rule, policy, None))
    else:
        asked = _comparing(rule, policy, only)
    return (await session.run(asked)).one()


def _comparing(rule: Rule, policy: Policy, only: Collection[int] | None) -> Select[*tuple[Any, ...]]:
    return select(
        _live(rule, policy, only).scalar_subquery().label("live"),
        select(func.count(VIOLATOR.c.account_id.distinct()))
        .where(VIOLATOR.c.live)
        .scalar_subquery()
        .label("violated"),
        _new(rule, only).exists().label("opens"),
        _mended(rule, only).exists().label("resolves"),
    )


# What is new and what is mended are differences of sets, and no lookups of each in the other. They need no
# index, and PostgreSQL plans them well even where it has not counted the findings since they were opened.


def _violating() -> Select[int, int]:
    return select(VIOLATOR.c.account_id, VIOLATOR.c.person_id)


def _is_open(rule: Rule, only: Collection[int] | None) -> ColumnElement[bool]:
    found = (col(Finding.control) == rule.name) & col(Finding.resolved_at).is_(None)
    return found if only is None else found & among(col(Finding.account_id), only)


def _found(rule: Rule, only: Collection[int] | None) -> Select[int, int]:
    return select(col(Finding.account_id), col(Finding.person_id)).where(_is_open(rule, only))


def _new(rule: Rule, only: Collection[int] | None) -> CompoundSelect[int, int]:
    """The live violators without an open finding."""
    return _violating().where(VIOLATOR.c.live).except_(_found(rule, only))


def _mended(rule: Rule, only: Collection[int] | None) -> CompoundSelect[int, int]:
    """The open findings whose violation is gone."""
    return _found(rule, only).except_(_violating())


async def _open(session: Session, rule: Rule, now: datetime, only: Collection[int] | None) -> int:
    """Live violators without an open finding get one. The unique index settles a race."""
    connection = await session.connection()
    finding = table_of(Finding)
    new = select(
        literal(rule.name),
        literal(now, finding.c.opened_at.type),
        *(VIOLATOR.c[name] for name in COLUMNS),
    ).where(tuple_(VIOLATOR.c.account_id, VIOLATOR.c.person_id).in_(_new(rule, only)))
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = (
        make(finding)
        .from_select(["control", "opened_at", *COLUMNS], new)
        .on_conflict_do_nothing(
            index_elements=["control", "account_id", "person_id"], index_where=finding.c.resolved_at.is_(None)
        )
    )
    return (await connection.execute(statement)).rowcount


async def _resolve(session: Session, rule: Rule, now: datetime, only: Collection[int] | None) -> int:
    """Open findings whose violation is gone end now."""
    its = tuple_(col(Finding.account_id), col(Finding.person_id))
    mended = and_(_is_open(rule, only), its.in_(_mended(rule, only)))
    return (await session.run(update(table_of(Finding)).where(mended).values(resolved_at=now))).rowcount


def _live(rule: Rule, policy: Policy, only: Collection[int] | None) -> Select[int]:
    """How many live accounts the rule speaks of. They are different as they stand."""
    return rule.accounts(policy, only).with_only_columns(func.count())


def _in_parts(only: Collection[int] | None) -> Iterator[Collection[int] | None]:
    """All accounts at once, or the named ones in parts that a statement can take."""
    if only is None:
        yield None
        return
    ids = sorted(set(only))
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]

"""Telling people what the sweep found: one notice a person and day, one summary to Communications (4)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calendar import Calendar
from policy.clause_ids import in_order
from policy.model import Policy
from schemas.accounts import Access
from schemas.columns import table_of
from schemas.machinery import Notice
from schemas.notice_facts import ClauseTonight, Findings, SweepSummary
from schemas.notices import NoticeKind
from schemas.outcome import Outcome, RoleAt, Subject, Tell
from schemas.people import Person
from schemas.standing import Finding
from schemas.states import AccessState
from schemas.words import RoleKind, SubjectKind
from tasks.store.apply import apply, notice_row
from tasks.store.audit import STEWARD
from tasks.store.findings import RuleOutcome

#: Notices written in one statement.
AT_ONCE = 200


async def tell_people(session: AsyncSession, policy: Policy, now: datetime) -> int:
    """Tell everybody of open findings that they were not told of; how many people.

    A finding about a person goes to that person, one about an account to everybody with access to it. One
    notice a person and day of the division's zone, however many sweeps there are; what a day's notice
    came too early for is told the next day, and days that were missed are told in one. It leaves with the
    person's digest. Only within `Store.write()`.
    """
    calendar = Calendar(policy)
    day, leaves = calendar.today(now), calendar.digest_moment(now)
    rows = (await (await session.connection()).execute(_untold())).all()
    most, waiting, told = policy.standing.findings_in_a_mail_at_most, [], 0
    for person, found in groupby(rows, key=lambda row: row.person_id):
        ids = tuple(row.id for row in found)
        tell = Tell(
            NoticeKind.FINDINGS,
            person,
            f"findings/{day}",
            Subject(SubjectKind.PERSON, person),
            Findings(finding_ids=ids[:most], more=max(0, len(ids) - most)).stored(),
        )
        waiting.append(notice_row(tell, person, now=now, not_before=leaves))
        if len(waiting) == AT_ONCE:
            told += await _write(session, waiting)
            waiting = []
    return told + await _write(session, waiting)


def _untold() -> Select[Any]:
    """Open findings by the person to be told, the longest due first, opened since they were last told."""
    theirs = (
        select(col(Finding.id).label("id"), col(Person.id).label("person_id"))
        .select_from(table_of(Finding))
        .outerjoin(
            Access,
            and_(
                col(Finding.person_id) == 0,
                col(Access.account_id) == col(Finding.account_id),
                col(Access.state) == AccessState.GRANTED,
            ),
        )
        .join(
            Person,
            or_(
                and_(col(Finding.person_id) > 0, col(Person.id) == col(Finding.person_id)),
                and_(col(Finding.person_id) == 0, col(Person.id) == col(Access.person_id)),
            ),
        )
        .where(col(Finding.resolved_at).is_(None), col(Person.active))
        .subquery("theirs")
    )
    told = (
        select(col(Notice.person_id).label("person_id"), func.max(col(Notice.created_at)).label("last"))
        .where(col(Notice.kind) == NoticeKind.FINDINGS)
        .group_by(col(Notice.person_id))
        .subquery("told")
    )
    return (
        select(theirs.c.person_id, theirs.c.id)
        .join(Finding, col(Finding.id) == theirs.c.id)
        .outerjoin(told, told.c.person_id == theirs.c.person_id)
        .where(or_(told.c.last.is_(None), col(Finding.opened_at) > told.c.last))
        .order_by(theirs.c.person_id, col(Finding.due_on), theirs.c.id)
    )


async def _write(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> int:
    """Into the outbox, each key once; how many were new."""
    if not rows:
        return 0
    connection = await session.connection()
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = make(table_of(Notice)).values(list(rows)).on_conflict_do_nothing(index_elements=["key"])
    return (await connection.execute(statement)).rowcount


async def tell_communications(
    session: AsyncSession, outcomes: Iterable[RuleOutcome], policy: Policy, now: datetime
) -> bool:
    """One summary a day to who holds the Communications Officer's office, when something changed.

    Only within `Store.write()`.
    """
    lines = tuple(
        ClauseTonight(clause=one.clause, violated=one.violated, new=one.opened, mended=one.resolved)
        for one in sorted(outcomes, key=lambda one: in_order(one.clause))
        if one.opened or one.resolved
    )
    if not lines:
        return False
    calendar = Calendar(policy)
    tell = Tell(
        NoticeKind.SWEEP_SUMMARY,
        RoleAt(RoleKind.COMMUNICATIONS_OFFICER),
        f"sweep/{now:%Y%m%dT%H%M%S}",
        Subject(SubjectKind.RULE, 0),
        SweepSummary(clauses=lines).stored(),
    )
    await apply(session, Outcome((tell,)), actor=STEWARD, calendar=calendar, now=now)
    return True

"""Rows of training reports that fit nobody: looking at them, and settling each (5.2)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calendar import Calendar
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.model import Policy
from schemas.errors import AlreadyDone, BadInput, NotNow
from schemas.forms import refuse_secret
from schemas.gates import UnmatchedRow
from schemas.outcome import Outcome, Settle, Subject
from schemas.people import Person
from schemas.receipt import Receipt
from schemas.words import ItemKind, SubjectKind, Via
from tasks.store import Store, audit, lookup
from tasks.store.apply import apply
from tasks.store.audit import Actor
from tasks.training.completions import find, keep

_LONGEST_HOW = 200


@dataclass(frozen=True)
class Unmatched:
    """A row that waits. `near` are the addresses of people of the same name or the same mailbox name."""

    row: int
    import_id: int
    line: int
    email: str
    name: str
    completed_on: date
    near: tuple[str, ...]


async def unmatched_rows(store: Store) -> tuple[Unmatched, ...]:
    """Every row that nobody has settled yet, oldest import first."""
    async with store.read() as session:
        connection = await session.connection()
        rows = (
            await connection.execute(
                select(UnmatchedRow)
                .where(col(UnmatchedRow.settled_at).is_(None))
                .order_by(col(UnmatchedRow.import_id), col(UnmatchedRow.line))
            )
        ).all()
        people = (
            await connection.execute(
                select(col(Person.email), col(Person.given_name), col(Person.family_name)).order_by(
                    col(Person.email)
                )
            )
        ).all()
    near: dict[str, list[str]] = {}
    for one in people:
        near.setdefault(f"{one.given_name} {one.family_name}".casefold(), []).append(one.email)
        near.setdefault(one.email.partition("@")[0], []).append(one.email)
    return tuple(
        Unmatched(
            row.id,
            row.import_id,
            row.line,
            row.email,
            row.name,
            row.completed_on,
            tuple(
                dict.fromkeys(
                    [*near.get(row.name.casefold(), ()), *near.get(row.email.partition("@")[0] or " ", ())]
                )
            ),
        )
        for row in rows
    )


async def settle_row(
    store: Store,
    policy: Policy,
    row_id: int,
    *,
    person: str | None = None,
    ignore: str | None = None,
    by: str | None = None,
    via: Via,
    now: datetime,
) -> Receipt:
    """Say whose row it is (`person`, an address), or why it is nobody's (`ignore`).

    A row that is somebody's becomes their completion, and later reports with the same address are theirs.

    Raises BadInput unless exactly one of the two is given, Unknown, AlreadyDone for a row that is settled,
    NotNow when this person's completion of that day was voided.
    """
    if (person is None) == (ignore is None):
        raise BadInput("Say either whose row it is (--person) or why it is nobody's (--ignore).")
    how = "matched" if ignore is None else " ".join(ignore.split())
    if len(how) < 3 or not how.isprintable():  # noqa: PLR2004 - as a decision's reason
        raise BadInput("Say in a few words why the row is ignored.")
    refuse_secret("--ignore", how)
    if len(how) > _LONGEST_HOW:
        raise BadInput(f"Say in at most {_LONGEST_HOW} characters why the row is ignored.")
    async with store.write() as session:
        row = await lookup.by_id(session, UnmatchedRow, row_id)
        if row.settled_at is not None:
            raise AlreadyDone(f"Row {row_id} is settled already.")
        actor = Actor(await lookup.person_id(session, by) if by else None, via)
        subject = Subject(SubjectKind.IMPORT, row.import_id)
        whose: int | None = None
        says = f"Row {row_id} is ignored."
        if person is not None:
            whose = await lookup.person_id(session, person, must_be_active=False)
            says = await _make_theirs(session, policy, row, whose, actor, now)
        await (await session.connection()).execute(
            update(UnmatchedRow)
            .where(col(UnmatchedRow.id) == row_id)
            .values(settled_at=now, settled_person_id=whose, settled_how=how)
        )
        await audit.append(
            session,
            subject,
            actor=actor,
            control=policy.name_of(TrainingBeforeAccess),
            cause="unmatched row settled" if whose else "unmatched row ignored",
            now=now,
            body={"row": row_id, "person": whose},
        )
        left = await _left(session, row.import_id)
        if not left:
            done = Outcome((Settle(about=subject, kinds=(ItemKind.SETTLE_ROW,)),))
            await apply(session, done, actor=actor, calendar=Calendar(policy), now=now)
    return Receipt(subject, "settled", f"{says} {_still(left)}")


def _still(left: int) -> str:
    if not left:
        return "No row of its import is left to settle."
    return f"{left} more {'row' if left == 1 else 'rows'} of its import to settle."


async def _left(session: AsyncSession, import_id: int) -> int:
    found = await (await session.connection()).execute(
        select(func.count())
        .select_from(UnmatchedRow)
        .where(col(UnmatchedRow.import_id) == import_id, col(UnmatchedRow.settled_at).is_(None))
    )
    return int(found.scalar_one())


async def _make_theirs(
    session: AsyncSession, policy: Policy, row: UnmatchedRow, person_id: int, actor: Actor, now: datetime
) -> str:
    known = await find(session, policy, person_id, row.completed_on)
    if known is not None and known.voided_at is not None:
        raise NotNow(
            f"This person's completion of {row.completed_on} was voided: restore it with a reason first, "
            "or ignore the row."
        )
    if known is not None:
        return f"Row {row.id} is settled: that completion was recorded already."
    counts = await keep(
        session, policy, person_id, row.completed_on, source=f"import {row.import_id}", actor=actor, now=now
    )
    return f"Row {row.id} is settled and the completion of {row.completed_on} recorded; {counts}."

"""The one door: no other code changes a lifecycle state."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, func, insert, select, update

from schemas.accounts import Access, Account, AccountRequest
from schemas.columns import table_of
from schemas.errors import IllegalTransition, MovedMeanwhile, Unknown
from schemas.incidents import Incident
from schemas.leave import Leave
from schemas.machinery import AuditEntry
from schemas.outcome import Move, Subject
from schemas.states import INITIAL, TRANSITIONS, State
from schemas.words import SubjectKind
from tasks.store import audit
from tasks.store.audit import Actor
from tasks.store.changes import AT_ONCE
from tasks.store.session import Session

TABLE: dict[SubjectKind, Table] = {
    SubjectKind.REQUEST: table_of(AccountRequest),
    SubjectKind.ACCOUNT: Account.__table__,  # type: ignore[attr-defined]
    SubjectKind.ACCESS: Access.__table__,  # type: ignore[attr-defined]
    SubjectKind.LEAVE: table_of(Leave),
    SubjectKind.INCIDENT: table_of(Incident),
}


async def begin(
    session: Session,
    kind: SubjectKind,
    *,
    state: State,
    actor: Actor,
    control: str,
    cause: str,
    now: datetime,
    **values: Any,
) -> Subject:
    """Create a subject in the first state of its lifecycle, with its audit entry, and say which it is.

    `state` may be another than the first only for what existed before Steward did (an import):
    the entry then says so.
    """
    row = {"state": state, **values}
    return (await begin_all(session, kind, [row], actor=actor, control=control, cause=cause, now=now))[0]


async def begin_all(
    session: Session,
    kind: SubjectKind,
    rows: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    control: str,
    cause: str,
    now: datetime,
) -> list[Subject]:
    """Create subjects of one kind, each in its own `state`, in a few statements; in the order of the rows.

    All rows name the same columns.
    """
    table, connection = TABLE[kind], await session.connection()
    newest = (await connection.execute(select(func.max(table.c.id)))).scalar_one() or 0
    for start in range(0, len(rows), AT_ONCE):
        some = [{"state_since": now, "version": 1, **row} for row in rows[start : start + AT_ONCE]]
        await connection.execute(insert(table), some)
    # nobody else has the turn: whatever is newer was counted up in the order of the rows
    ids = await connection.scalars(select(table.c.id).where(table.c.id > newest).order_by(table.c.id))
    made = [Subject(kind, number) for number in ids]
    entries = [
        audit.Entry(
            subject,
            to_state=row["state"],
            version=1,
            body={} if INITIAL[type(row["state"])] is row["state"] else {"as_found": True},
        )
        for subject, row in zip(made, rows, strict=True)
    ]
    await audit.append_all(session, entries, actor=actor, control=control, cause=cause, now=now)
    return made


async def transition(session: Session, move: Move, *, actor: Actor, now: datetime) -> None:
    """Change a subject's state, exactly from the state and version that the decision saw.

    The row changes and the audit entry is written in the caller's transaction, or neither is.

    Raises:
        IllegalTransition: the table of transitions does not have it.
        MovedMeanwhile: somebody was first; the message says to what, and `by_id` who it was.
        Unknown: there is no such subject.
    """
    table = TABLE[move.subject.kind]
    column: Any = table.c.state.type
    if type(move.expected) is not column.enum or move.to not in TRANSITIONS[move.expected]:
        raise IllegalTransition(f"{move.subject}: from '{move.expected}' to '{move.to}' is not a transition.")
    changed = await session.run(
        update(table)
        .where(
            table.c.id == move.subject.id,
            table.c.state == move.expected,
            table.c.version == move.version,
        )
        .values(state=move.to, state_since=now, version=move.version + 1, **dict(move.changes))
    )
    if changed.rowcount != 1:
        raise await who_moved_it(session, move.subject)
    await audit.append(
        session,
        move.subject,
        actor=actor,
        control=move.control,
        cause=move.cause,
        now=now,
        from_state=move.expected,
        to_state=move.to,
        version=move.version + 1,
    )


async def who_moved_it(session: Session, subject: Subject) -> MovedMeanwhile | Unknown:
    """The error for whoever came second: the subject's state now, and who changed it."""
    table, entry = TABLE[subject.kind], table_of(AuditEntry)
    row = (await session.run(select(table.c.state, table.c.version).where(table.c.id == subject.id))).first()
    if row is None:
        return Unknown(f"There is no {subject.kind} {subject.id}.")
    last = (
        await session.run(
            select(entry.c.actor_id, entry.c.at, entry.c.to_state)
            .where(
                entry.c.subject_kind == subject.kind,
                entry.c.subject_id == subject.id,
                entry.c.to_state.is_not(None),
            )
            .order_by(entry.c.seq.desc())
            .limit(1)
        )
    ).one()
    return MovedMeanwhile(
        f"The {subject.kind} {subject.id} is '{row.state}' already; look at it again.",
        by_id=last.actor_id,
        at=last.at,
        state=row.state,
    )

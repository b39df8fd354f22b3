"""Wake-ups: an event asks for a run of a lifecycle, and none is lost.

    pending ──relay asks Prefect──▶ asked ──the run starts──▶ taken ──it ends well──▶ done

A run takes every wake-up there is *before* it gathers. So an event committed before the taking is seen
by that run, and one committed after it has a wake-up of its own. While one is asked for and not yet
taken, new ones need no further run: that is why 300 completions cost a run or two and not 300.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, or_, select, text, update
from sqlmodel import col

from schemas.events import WakeState
from schemas.machinery import Wake
from tasks.store.session import Session

#: A run that was asked for and has not started by then was lost (Prefect's store emptied, run deleted).
ASKED_FOR_TOO_LONG = timedelta(minutes=10)
#: A run that took wake-ups and has not ended by then died.
TAKEN_FOR_TOO_LONG = timedelta(minutes=15)
#: Of one that took them so long ago Prefect is asked whether it has ended: then it failed.
TAKEN_FOR_LONG = timedelta(minutes=2)

_OPEN = (WakeState.PENDING, WakeState.ASKED)

#: PostgreSQL advisory lock: whoever changes wake-ups, or marks events as shown, does so alone.
TURN_LOCK = 0x57E_A3E


async def turn(session: Session) -> None:
    """Wait until no other transaction changes wake-ups; until this one ends, none does.

    These writers touch many rows each and are not audited, so nothing else orders them: side by side on
    PostgreSQL, two could each hold what the other waits for. On SQLite writers take turns anyway.
    """
    connection = await session.connection()
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": TURN_LOCK})


async def revive(session: Session, now: datetime) -> int:
    """Make wake-ups of lost and dead runs pending again; how many."""
    await turn(session)
    lost = await session.run(
        update(Wake)
        .where(
            or_(
                (col(Wake.state) == WakeState.ASKED) & (col(Wake.asked_at) < now - ASKED_FOR_TOO_LONG),
                (col(Wake.state) == WakeState.TAKEN) & (col(Wake.taken_at) < now - TAKEN_FOR_TOO_LONG),
            )
        )
        .values(state=WakeState.PENDING, run_key=None)
    )
    return lost.rowcount


class Pending(NamedTuple):
    """The ids of the oldest and of the newest pending wake-up of a lifecycle."""

    oldest: int
    newest: int


async def wanted(session: Session) -> dict[str, Pending]:
    """The lifecycles that need a run asked for, each with its pending wake-ups.

    A lifecycle with an asked, not yet taken run is not among them: that run will take the new ones too.
    """
    rows = await session.rows(
        select(
            col(Wake.lifecycle),
            func.min(col(Wake.id)).filter(col(Wake.state) == WakeState.PENDING).label("oldest"),
            func.max(col(Wake.id)).filter(col(Wake.state) == WakeState.PENDING).label("newest"),
            func.count().filter(col(Wake.state) == WakeState.ASKED).label("asked"),
        )
        .where(col(Wake.state).in_(_OPEN))
        .group_by(col(Wake.lifecycle))
        .order_by(col(Wake.lifecycle))
    )
    return {
        row.lifecycle: Pending(row.oldest, row.newest)
        for row in rows
        if row.newest is not None and not row.asked
    }


async def asked(session: Session) -> dict[str, str]:
    """The lifecycles whose asked run has not taken its wake-ups yet, each with that run's newest key."""
    rows = await session.rows(
        select(col(Wake.lifecycle), col(Wake.run_key))
        .where(col(Wake.state) == WakeState.ASKED, col(Wake.run_key).is_not(None))
        .order_by(col(Wake.id))
    )
    return {row.lifecycle: row.run_key for row in rows}


async def taken_long_ago(session: Session, now: datetime) -> Sequence[str]:
    """The runs that took wake-ups some minutes ago, and are not done with them."""
    rows = await session.run(
        select(col(Wake.taken_by))
        .where(col(Wake.state) == WakeState.TAKEN, col(Wake.taken_at) < now - TAKEN_FOR_LONG)
        .distinct()
        .order_by(col(Wake.taken_by))
    )
    return [one for one in rows.scalars() if one is not None]


async def ask_again(session: Session, lifecycle: str) -> int:
    """The run that was asked for ended without taking them: its wake-ups are pending again; how many."""
    await turn(session)
    again = await session.run(
        update(Wake)
        .where(col(Wake.lifecycle) == lifecycle, col(Wake.state) == WakeState.ASKED)
        .values(state=WakeState.PENDING, run_key=None)
    )
    return again.rowcount


async def mark_asked(session: Session, lifecycle: str, newest: int, run_key: str, now: datetime) -> int:
    """Note that a run was asked for with this idempotency key; how many wake-ups it stands for."""
    await turn(session)
    marked = await session.run(
        update(Wake)
        .where(
            col(Wake.lifecycle) == lifecycle,
            col(Wake.state) == WakeState.PENDING,
            col(Wake.id) <= newest,
        )
        .values(state=WakeState.ASKED, asked_at=now, run_key=run_key)
    )
    return marked.rowcount


async def take(session: Session, lifecycle: str, run: str, now: datetime) -> int:
    """Take every open wake-up of a lifecycle for a run that will gather next; how many."""
    await turn(session)
    taken = await session.run(
        update(Wake)
        .where(col(Wake.lifecycle) == lifecycle, col(Wake.state).in_(_OPEN))
        .values(state=WakeState.TAKEN, taken_at=now, taken_by=run)
    )
    return taken.rowcount


async def done(session: Session, lifecycle: str, run: str) -> int:
    """The run ended well: what it took is done."""
    await turn(session)
    ended = await session.run(
        update(Wake)
        .where(
            col(Wake.lifecycle) == lifecycle, col(Wake.state) == WakeState.TAKEN, col(Wake.taken_by) == run
        )
        .values(state=WakeState.DONE)
    )
    return ended.rowcount


async def give_back(session: Session, runs: Sequence[str]) -> int:
    """Runs are known to have died: what they took is pending again."""
    await turn(session)
    back = await session.run(
        update(Wake)
        .where(col(Wake.state) == WakeState.TAKEN, col(Wake.taken_by).in_(runs))
        .values(state=WakeState.PENDING, run_key=None)
    )
    return back.rowcount

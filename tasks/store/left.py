"""Heads of the audit chain that left the store: which, when, and by which ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from schemas.columns import table_of
from schemas.machinery import LeftHead
from tasks.store.audit import Head
from tasks.store.page import Page, first
from tasks.store.session import Session


@dataclass(frozen=True)
class Left:
    """A head that left at an instant, by these ways: "letter", "file", "address"."""

    seq: int
    hash: str
    at: datetime
    ways: tuple[str, ...]


async def listed(session: Session, at_most: int | None) -> Page[Left]:
    """The heads that left, the newest first, and how many there are."""
    row = table_of(LeftHead).c
    rows, in_all = await first(
        session, select(row.seq, row.hash, row.at, row.ways).order_by(row.seq.desc()), at_most
    )
    return Page(tuple(Left(one.seq, one.hash, one.at, tuple(one.ways)) for one in rows), in_all)


async def every(session: Session) -> tuple[Left, ...]:
    """All heads that left, the newest first."""
    return (await listed(session, None)).rows


async def newest(session: Session) -> Left | None:
    """The head that left last."""
    return next(iter((await listed(session, 1)).rows), None)


async def note(session: Session, head: Head, ways: Sequence[str], now: datetime) -> None:
    """Note that a head left by these ways too. Nothing of the audit chain is changed by it."""
    table = table_of(LeftHead)
    before = (await session.run(select(table.c.ways).where(table.c.seq == head.seq))).scalar()
    await session.run(delete(table).where(table.c.seq == head.seq))
    together = sorted({*(before or ()), *ways})
    await session.run(insert(table).values(seq=head.seq, hash=head.hash, at=now, ways=together))

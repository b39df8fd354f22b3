"""The audit chain: append to it, verify it, name its head."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.columns import table_of
from schemas.errors import ChainBroken, ClockWentBack
from schemas.machinery import AuditEntry
from schemas.outcome import Subject
from schemas.states import State
from schemas.words import Via
from tasks.store.engine import Store

#: What the first entry has as the hash before it.
GENESIS = "0" * 64

#: How far an entry's moment may lie before the latest one: two machines' clocks are never quite the same.
SLACK = timedelta(minutes=1)


@dataclass(frozen=True)
class Actor:
    """Who did it, and through which door. `person_id` None is Steward itself.

    `os_user` is the operating system's name for who typed a command: audit entries keep it.
    """

    person_id: int | None
    via: Via
    os_user: str | None = None


STEWARD = Actor(None, Via.STEWARD)


@dataclass(frozen=True)
class Head:
    """The newest entry. Kept outside, it shows a chain whose end was cut off, or an old copy restored."""

    seq: int
    hash: str


#: The head of a chain without entries.
EMPTY = Head(0, GENESIS)


def seal(previous: str, content: Mapping[str, Any]) -> str:
    """SHA-256 over the hash before and the canonical JSON of an entry's content."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()


def _content(row: Mapping[str, Any]) -> dict[str, Any]:
    """Everything of an entry that the hash is over, as plain JSON values.

    An entry from before controls had names was sealed with its clause, and its control stands beside it.
    """
    aside = "clause" if row.get("clause") is None else "control"
    content = {key: value for key, value in row.items() if key not in {"previous", "hash", aside}}
    at: datetime = content["at"]
    content["at"] = at.astimezone(UTC).isoformat(timespec="microseconds")
    return content


async def head(session: AsyncSession) -> Head:
    """The newest entry's number and hash; (0, GENESIS) for an empty chain."""
    entry = table_of(AuditEntry)
    row = (
        await (await session.connection()).execute(
            select(entry.c.seq, entry.c.hash).order_by(entry.c.seq.desc()).limit(1)
        )
    ).first()
    return Head(row.seq, row.hash) if row else EMPTY


async def append(
    session: AsyncSession,
    subject: Subject,
    *,
    actor: Actor,
    control: str,
    cause: str,
    now: datetime,
    from_state: State | None = None,
    to_state: State | None = None,
    version: int | None = None,
    body: Mapping[str, Any] | None = None,
) -> int:
    """Add one entry and return its number. `body` holds ids, codes and counts; never names or free text.

    Only within `Store.write()`: the number and the hash before are read under the writers' lock.
    Raises ClockWentBack where `now` lies more than a minute before an entry that is there: whoever could
    write into the past could decide before they were asked.
    """
    if not session.info.get("audited"):
        raise RuntimeError("the audit chain is only written within Store.write(audited=True)")
    last = await head(session)
    latest = await _latest(session)
    if latest is not None and now < latest - SLACK:
        raise ClockWentBack(
            f"The clock says {_said(now)} and the audit chain was last written at {_said(latest)}: "
            "nothing was kept. Set this machine's clock right and do it again."
        )
    row: dict[str, Any] = {
        "seq": last.seq + 1,
        "at": now,
        "actor_id": actor.person_id,
        "via": actor.via.value,
        "subject_kind": subject.kind.value,
        "subject_id": subject.id,
        "version": version,
        "from_state": from_state.value if from_state else None,
        "to_state": to_state.value if to_state else None,
        "control": control,
        "cause": cause,
        "body": json.loads(
            json.dumps({**(body or {}), **_typed_by(actor)})
        ),  # as it will be read back: {1: (2,)} is {"1": [2]}
    }
    row["previous"] = last.hash
    row["hash"] = seal(last.hash, _content(row))
    entry = table_of(AuditEntry)
    await (await session.connection()).execute(insert(entry).values(**row))
    return last.seq + 1


async def _latest(session: AsyncSession) -> datetime | None:
    """The latest moment of any entry; None for an empty chain."""
    found = await (await session.connection()).execute(select(func.max(table_of(AuditEntry).c.at)))
    latest: datetime | None = found.scalar_one()
    return latest


def _said(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _typed_by(actor: Actor) -> dict[str, str]:
    return {} if actor.os_user is None else {"os_user": actor.os_user}


async def links(session: AsyncSession, after: Head = EMPTY, *, limit: int = 2000) -> list[Head]:
    """Recompute the next entries of the chain after a verified head, at most `limit`; their heads in turn.

    Raises ChainBroken naming the first entry that does not fit.
    """
    found: list[Head] = []
    for row in await _entries(session, after.seq, limit):
        last = found[-1] if found else after
        if row["seq"] != last.seq + 1:
            raise ChainBroken(f"Audit entry {last.seq + 1} is missing: the next one there is {row['seq']}.")
        if row["previous"] != last.hash or row["hash"] != seal(last.hash, _content(row)):
            raise ChainBroken(f"Audit entry {row['seq']} does not fit the one before: it was altered.")
        found.append(Head(row["seq"], row["hash"]))
    return found


async def verify(store: Store, *, kept: str | None = None, batch: int = 2000) -> Head:
    """Recompute the whole chain and return its head.

    Each batch is read in a session of its own: memory does not grow with the chain, and writers, whom a
    reader keeps waiting on SQLite, take their turn in between. Entries only ever come at the end.

    `kept` is a head's hash that was kept outside: it must still be in the chain.
    Raises ChainBroken naming the first entry that does not fit.
    """
    last, seen = EMPTY, kept in (None, GENESIS)
    while True:
        async with store.read() as session:
            found = await links(session, last, limit=batch)
        if not found:
            break
        seen = seen or any(link.hash == kept for link in found)
        last = found[-1]
    if not seen:
        raise ChainBroken(
            "The head that was kept is not in this chain: entries were cut off, or an old copy was restored."
        )
    return last


async def _entries(session: AsyncSession, after: int, limit: int) -> Sequence[Mapping[str, Any]]:
    """The next entries as plain values. One that can't even be read back was altered: ChainBroken."""
    entry = table_of(AuditEntry)
    connection = await session.connection()
    try:
        rows = await connection.execute(
            select(entry).where(entry.c.seq > after).order_by(entry.c.seq).limit(limit)
        )
        return [
            {**row, "via": row["via"].value, "subject_kind": row["subject_kind"].value}
            for row in rows.mappings()
        ]
    except (ValueError, TypeError, AttributeError) as unreadable:
        if limit > 1:  # one of many: up to the one before it they are judged as usual
            good = await _readable(session, after, limit)
            if good:
                return good
        raise ChainBroken(f"Audit entry {after + 1} can't be read back: it was altered.") from unreadable


async def _readable(session: AsyncSession, after: int, limit: int) -> list[Mapping[str, Any]]:
    """The entries before the first that can't be read back."""
    good: list[Mapping[str, Any]] = []
    while len(good) < limit:
        try:
            good.extend(await _entries(session, good[-1]["seq"] if good else after, 1))
        except ChainBroken:
            break
    return good

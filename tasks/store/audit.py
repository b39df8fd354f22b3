"""The audit chain: append to it, verify it, name its head."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.columns import table_of
from schemas.errors import ChainBroken
from schemas.machinery import AuditEntry
from schemas.outcome import Subject
from schemas.states import State
from schemas.words import Via

#: What the first entry has as the hash before it.
GENESIS = "0" * 64


@dataclass(frozen=True)
class Actor:
    """Who did it, and through which door. `person_id` None is Steward itself."""

    person_id: int | None
    via: Via


STEWARD = Actor(None, Via.STEWARD)


@dataclass(frozen=True)
class Head:
    """The newest entry. Kept outside, it shows a chain whose end was cut off, or an old copy restored."""

    seq: int
    hash: str


def seal(previous: str, content: Mapping[str, Any]) -> str:
    """SHA-256 over the hash before and the canonical JSON of an entry's content."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()


def _content(row: Mapping[str, Any]) -> dict[str, Any]:
    """Everything of an entry that the hash is over, as plain JSON values."""
    content = {key: value for key, value in row.items() if key not in {"previous", "hash"}}
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
    return Head(row.seq, row.hash) if row else Head(0, GENESIS)


async def append(
    session: AsyncSession,
    subject: Subject,
    *,
    actor: Actor,
    clause: str,
    cause: str,
    now: datetime,
    from_state: State | None = None,
    to_state: State | None = None,
    version: int | None = None,
    body: Mapping[str, Any] | None = None,
) -> int:
    """Add one entry and return its number. `body` holds ids, codes and counts; never names or free text.

    Only within `Store.write()`: the number and the hash before are read under the writers' lock.
    """
    if not session.info.get("audited"):
        raise RuntimeError("the audit chain is only written within Store.write(audited=True)")
    last = await head(session)
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
        "clause": clause,
        "cause": cause,
        "body": dict(body or {}),
    }
    row["previous"] = last.hash
    row["hash"] = seal(last.hash, _content(row))
    entry = table_of(AuditEntry)
    await (await session.connection()).execute(insert(entry).values(**row))
    return last.seq + 1


async def verify(session: AsyncSession, *, kept: str | None = None, batch: int = 2000) -> Head:
    """Recompute the whole chain and return its head; memory does not grow with its length.

    `kept` is a head's hash that was kept outside: it must still be in the chain.
    Raises ChainBroken naming the first entry that does not fit.
    """
    previous, seq, seen = GENESIS, 0, kept in (None, GENESIS)
    entry = table_of(AuditEntry)
    while True:
        rows = (
            await (await session.connection()).execute(
                select(entry).where(col(AuditEntry.seq) > seq).order_by(entry.c.seq).limit(batch)
            )
        ).mappings()
        count = 0
        for row in rows:
            count += 1
            if row["seq"] != seq + 1:
                raise ChainBroken(f"Audit entry {seq + 1} is missing: the next one there is {row['seq']}.")
            content = _content({**row, "via": row["via"].value, "subject_kind": row["subject_kind"].value})
            if row["previous"] != previous or row["hash"] != seal(previous, content):
                raise ChainBroken(f"Audit entry {row['seq']} does not fit the one before: it was altered.")
            previous, seq = row["hash"], row["seq"]
            seen = seen or previous == kept
        if count < batch:
            break
    if not seen:
        raise ChainBroken(
            "The head that was kept is not in this chain: entries were cut off, or an old copy was restored."
        )
    return Head(seq, previous)

"""The audit chain: append to it, seal into it what changed, name its head.

Verifying is in `tasks.store.verifying`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from schemas.columns import table_of
from schemas.errors import ClockWentBack
from schemas.machinery import AuditEntry
from schemas.outcome import Subject
from schemas.states import State
from schemas.words import SubjectKind, Via
from tasks.store.changes import AT_ONCE, Changes, changed
from tasks.store.records import canonical
from tasks.store.session import Session

#: What the first entry has as the hash before it.
GENESIS = "0" * 64

#: The cause of an entry that nobody appended: records changed, and no act or decision said why.
UNNAMED = "records changed"

#: The cause of the one entry that may stand behind an earlier one's moment: a clock had run ahead.
CLOCK_SET_RIGHT = "clock set right"

#: The moment of such an entry where nothing is in the chain yet.
BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)

#: Where a session has the last entry of its transaction.
_LAST = "last_entry"

#: How far an entry's moment may lie before the latest one: two machines' clocks are never quite the same.
SLACK = timedelta(minutes=1)


@dataclass(frozen=True)
class Actor:
    """Who did it, and through which door. `person_id` None is Steward itself.

    `os_user` is the operating system's name for who typed a command, `host` the machine's, `recorded_by` the
    number of who typed it where that is somebody else, `in_name_of` that of the absent person whose office
    they stand in for, `session` that of the session of the web pages: audit entries keep them.
    """

    person_id: int | None
    via: Via
    os_user: str | None = None
    in_name_of: int | None = None
    host: str | None = None
    recorded_by: int | None = None
    session: int | None = None


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
    return hashlib.sha256(f"{previous}\n{canonical(content)}".encode()).hexdigest()


def content_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Everything of an entry that the hash is over, as plain JSON values.

    An entry from before controls had names was sealed with its clause, and its control stands beside it.
    One that changed no records, as all before they were sealed, says nothing of them.
    """
    aside = {"previous", "hash", "clause" if row.get("clause") is None else "control"}
    if row.get("records") is None:
        aside.add("records")
    content = {key: value for key, value in row.items() if key not in aside}
    if isinstance(content["at"], datetime):
        content["at"] = content["at"].astimezone(UTC).isoformat(timespec="microseconds")
    return content


async def head(session: Session) -> Head:
    """The newest entry's number and hash; (0, GENESIS) for an empty chain."""
    entry = table_of(AuditEntry)
    row = (await session.run(select(entry.c.seq, entry.c.hash).order_by(entry.c.seq.desc()).limit(1))).first()
    return Head(row.seq, row.hash) if row else EMPTY


@dataclass(frozen=True)
class Entry:
    """What one entry says, beside who did it, when and why. `body`: ids, codes and counts, no free text."""

    subject: Subject
    from_state: State | None = None
    to_state: State | None = None
    version: int | None = None
    body: Mapping[str, Any] | None = None


async def append(
    session: Session,
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

    Raises what `append_all` raises.
    """
    entry = Entry(subject, from_state, to_state, version, body)
    return await append_all(session, [entry], actor=actor, control=control, cause=cause, now=now)


async def append_all(
    session: Session, entries: Sequence[Entry], *, actor: Actor, control: str, cause: str, now: datetime
) -> int:
    """Add entries of one cause, in their order, in a few statements; the number of the last one.

    Only within `Store.write()`: the number and the hash before are read under the writers' lock.
    Raises ClockWentBack where `now` lies more than a minute before an entry that is there, but for an entry
    that says that a clock had run ahead: whoever could write into the past could decide before they were
    asked.
    """
    if not session.info.get("audited"):
        raise RuntimeError("the audit chain is only written within Store.write(audited=True)")
    last = await head(session)
    if cause != CLOCK_SET_RIGHT and (ahead := await ahead_of(session, now)) is not None:
        raise ClockWentBack(
            f"The clock says {_said(now)} and the audit chain was last written at {_said(ahead.latest)}: "
            "nothing was kept. Set this machine's clock right and do it again. Where it is right and had run "
            "ahead, `steward audit clock` says so."
        )
    table = table_of(AuditEntry)
    for start in range(0, len(entries), AT_ONCE):
        rows = []
        for one in entries[start : start + AT_ONCE]:
            row: dict[str, Any] = {
                "seq": last.seq + 1,
                "at": now,
                "actor_id": actor.person_id,
                "via": actor.via.value,
                "subject_kind": one.subject.kind.value,
                "subject_id": one.subject.id,
                "version": one.version,
                "from_state": one.from_state.value if one.from_state else None,
                "to_state": one.to_state.value if one.to_state else None,
                "control": control,
                "cause": cause,
                "body": json.loads(
                    json.dumps({**(one.body or {}), **_typed_by(actor)})
                ),  # as it will be read back: {1: (2,)} is {"1": [2]}
            }
            row["previous"] = last.hash
            row["hash"] = seal(last.hash, content_of(row))
            rows.append(row)
            last = Head(row["seq"], row["hash"])
        await session.run(insert(table), rows)
        session.info[_LAST] = rows[-1]
    return last.seq


async def seal_changes(session: Session, changes: Changes) -> None:
    """Put the digests of every record that the transaction changed into its last entry.

    Where it has none, as when a program of ours writes past the acts, the records get an entry of their own.
    """
    records = await changed(session, changes)
    if not records:
        return
    if _LAST not in session.info:
        at = await _at_of_last(session) or BEFORE_ALL
        await append(session, Subject(SubjectKind.RULE, 0), actor=STEWARD, control="", cause=UNNAMED, now=at)
    row = session.info[_LAST]
    row["records"] = records
    row["hash"] = seal(row["previous"], content_of(row))
    entry = table_of(AuditEntry)
    await session.run(
        update(entry).where(entry.c.seq == row["seq"]).values(records=records, hash=row["hash"])
    )


@dataclass(frozen=True)
class Ahead:
    """Entries whose moment lies ahead of a clock: the first and the last number, and the latest moment."""

    first: int
    last: int
    latest: datetime


async def ahead_of(session: Session, now: datetime) -> Ahead | None:
    """The entries more than a minute ahead of `now`, since the clock was last set right; None without any."""
    entry = table_of(AuditEntry).c
    latest = (await session.run(select(func.max(entry.at)))).scalar_one()
    if latest is None or now >= latest - SLACK:  # by the index alone, as nearly always
        return None
    set_right = select(func.max(entry.seq)).where(entry.cause == CLOCK_SET_RIGHT).scalar_subquery()
    found = await session.run(
        select(func.min(entry.seq), func.max(entry.seq), func.max(entry.at)).where(
            entry.seq >= func.coalesce(set_right, 0), entry.at > now + SLACK
        )
    )
    first, last, latest = found.one()
    return None if first is None else Ahead(first, last, latest)


async def _at_of_last(session: Session) -> datetime | None:
    """The moment of the last entry; None for an empty chain."""
    entry = table_of(AuditEntry).c
    found = await session.run(select(entry.at).order_by(entry.seq.desc()).limit(1))
    last: datetime | None = found.scalar()
    return last


def _said(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _typed_by(actor: Actor) -> dict[str, Any]:
    """What of the actor stands in an entry's body."""
    its = {
        "os_user": actor.os_user,
        "host": actor.host,
        "recorded_by": actor.recorded_by,
        "in_name_of": actor.in_name_of,
        "session": actor.session,
    }
    return {key: value for key, value in its.items() if value is not None}

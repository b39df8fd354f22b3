"""Verifying: the chain by itself, and the store's records against what the chain says of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, func, select
from sqlalchemy.exc import DBAPIError

from schemas.columns import table_of
from schemas.errors import ChainBroken
from schemas.machinery import AuditEntry
from tasks.store import left
from tasks.store.as_found import AS_FOUND
from tasks.store.audit import CLOCK_SET_RIGHT, EMPTY, GENESIS, SLACK, UNNAMED, Head, content_of, seal
from tasks.store.changes import rows_of
from tasks.store.engine import Store
from tasks.store.records import SEALED, UNSEALED_COLUMNS, Unreadable, digest, id_of, plain, raw_rows
from tasks.store.session import Session
from tasks.store.transition import TABLE

#: How many faults are named; the rest is counted.
NAMED = 20

ENTRY = table_of(AuditEntry)

#: Which table an entry's kind of subject has its state in.
_STATES: Mapping[str, str] = {kind.value: table.name for kind, table in TABLE.items()}


@dataclass(frozen=True)
class Verified:
    """What was verified: the chain to this head, and how many records against it.

    `set_right`: the entries by which somebody said that a clock had run ahead.
    """

    head: Head
    records: int
    set_right: tuple[int, ...] = ()


@dataclass
class Replay:
    """What the entries say, up to `head`: each record's digest and the entry that left it so, and each state.

    `set_right` are the entries that say that a clock had run ahead. `faults` are sentences about records that
    somebody changed in between: entries themselves raise.
    """

    head: Head = EMPTY
    latest: datetime | None = None
    records: dict[str, dict[int, tuple[str, int]]] = field(
        default_factory=lambda: {name: {} for name in SEALED}
    )
    states: dict[tuple[str, int], tuple[str, int, int]] = field(default_factory=dict)
    set_right: tuple[int, ...] = ()
    faults: list[str] = field(default_factory=list)

    def take(self, row: Mapping[str, Any]) -> None:
        """Go on by one entry. Raises ChainBroken where it does not fit."""
        seq: int = row["seq"]
        if seq < 1 or seq == self.head.seq:
            raise ChainBroken(f"Audit entry {seq} stands outside the chain: it was slipped in.")
        if seq != self.head.seq + 1:
            raise ChainBroken(f"Audit entry {self.head.seq + 1} is missing: the next one there is {seq}.")
        if row["previous"] != self.head.hash or row["hash"] != seal(self.head.hash, content_of(row)):
            raise ChainBroken(f"Audit entry {seq} does not fit the one before: it was altered.")
        at = datetime.fromisoformat(row["at"])
        if row["cause"] == CLOCK_SET_RIGHT:
            self.latest, self.set_right = None, (*self.set_right, seq)
        if self.latest is not None and at < self.latest - SLACK:
            raise ChainBroken(
                f"Audit entry {seq} is of {at:%Y-%m-%d %H:%M} UTC, before an entry of "
                f"{self.latest:%Y-%m-%d %H:%M} UTC: it was written with the clock turned back."
            )
        self.latest = at if self.latest is None else max(self.latest, at)
        self.head = Head(seq, row["hash"])
        self._take_state(row)
        records = row.get("records") or {}
        self._take_records(seq, records)
        if row["cause"] in {UNNAMED, AS_FOUND}:  # no entry says which state they were in before
            for name in records.keys() & set(_STATES.values()):
                for number, *_ in records[name]:
                    self.states.pop((name, number), None)

    def _take_state(self, row: Mapping[str, Any]) -> None:
        name, to, version = _STATES.get(row["subject_kind"]), row.get("to_state"), row.get("version")
        if name is None or to is None or version is None:
            return
        key = (name, row["subject_id"])
        before = self.states.get(key)
        if before is not None and (row.get("from_state"), version) != (before[0], before[1] + 1):
            self.faults.append(
                f"{_named(*key)} went from '{row.get('from_state')}' in audit entry {row['seq']}, but entry "
                f"{before[2]} had left it '{before[0]}'."
            )
        self.states[key] = (to, version, row["seq"])

    def _take_records(self, seq: int, records: Mapping[str, Sequence[Any]]) -> None:
        for name, changes in records.items():
            known = self.records.setdefault(name, {})
            for number, before, after in changes:
                had = known.get(number)
                if before is not None and before != (had[0] if had else None):
                    since = f"entry {had[1]}" if had else "the beginning"
                    self.faults.append(
                        f"{_named(name, number)} was changed by another hand between {since} and audit "
                        f"entry {seq}."
                    )
                if after is None:
                    known.pop(number, None)
                else:
                    known[number] = (after, seq)


async def verify(store: Store, *, kept: str | None = None, batch: int = 2000) -> Head:
    """Verify everything and return the chain's head: `examine`, for who needs no more than that."""
    return (await examine(store, kept=[kept] if kept else (), batch=batch)).head


async def examine(store: Store, *, kept: Iterable[str] = (), batch: int = 2000) -> Verified:
    """Recompute the whole chain, then hold every record against it.

    Each batch is read in a session of its own: memory grows with the records' digests alone, and writers,
    whom a reader keeps waiting on SQLite, take their turn in between.

    `kept` are hashes of heads that were kept outside: each must still be in the chain, as must those that
    left by themselves.
    Raises ChainBroken naming the first entry that does not fit; where the entries do, every record that does
    not, up to `NAMED` of them.
    """
    async with store.read() as session:
        noted = {one.hash for one in await left.every(session)}
    replay, missing = Replay(), {one for one in (*kept, *noted) if one != GENESIS}
    while True:
        async with store.read() as session:
            if not await go_on(session, replay, limit=batch, seen=missing):
                break
    if missing:
        raise ChainBroken(
            "The head that was kept is not in this chain: entries were cut off, or an old copy was restored."
            if missing - noted
            else "A head that left is not in this chain: entries were cut off or written anew. "
            "`steward audit heads` lists those that left."
        )
    await _refuse_more_entries(store, replay)
    count, suspects, faults = await _records(store, replay, batch)
    async with store.read() as session:  # what others wrote meanwhile is no fault: look again at one moment
        while await go_on(session, replay, limit=batch):
            pass
        for name, numbers in suspects.items():
            faults += await _still_wrong(session, replay, SEALED[name], numbers)
    faults = [*replay.faults, *faults]
    if faults:
        raise ChainBroken(_together(faults, count, replay.head))
    return Verified(replay.head, count, replay.set_right)


async def go_on(session: Session, replay: Replay, *, limit: int, seen: set[str] | None = None) -> bool:
    """Replay the next entries, at most `limit`; whether there may be more. `seen` loses their hashes."""
    statement = raw_rows(ENTRY).order_by(ENTRY.c.seq).limit(limit)
    if replay.head.seq:
        statement = statement.where(ENTRY.c.seq > replay.head.seq)
    rows = await _read(session, statement, ENTRY)
    for cells in rows:
        try:
            row = plain(ENTRY, cells)
            replay.take({name: row.get(name) for name in ENTRY.c.keys()})  # noqa: SIM118 - names of columns
        except (Unreadable, KeyError, TypeError, ValueError) as damaged:
            raise ChainBroken(
                f"Audit entry {replay.head.seq + 1} can't be read back: it was altered."
            ) from damaged
        if seen:
            seen.discard(replay.head.hash)
    return len(rows) == limit


async def _read(session: Session, statement: Select[Any], table: Table) -> Sequence[Any]:
    """The rows, cell by cell; one that can't even be fetched is given as a damaged one.

    SQLite ends the whole statement at bytes that are no text.
    """
    connection = await session.connection()
    try:
        found: list[Any] = list(await connection.execute(statement))
    except DBAPIError:
        if connection.dialect.name != "sqlite":
            raise
    else:
        return found
    number = next(iter(table.primary_key))
    found = []
    for one in (await connection.execute(statement.with_only_columns(number))).scalars().all():
        try:
            found.extend((await connection.execute(raw_rows(table).where(number == one))).all())
        except DBAPIError:
            found.append((one, *[b""] * (len(raw_rows(table).selected_columns) - 1)))
    return found


async def _refuse_more_entries(store: Store, replay: Replay) -> None:
    """A number that is there twice may hide at the end of a batch; a chain may be gone altogether."""
    async with store.read() as session:
        counted = (
            await session.run(select(func.count()).select_from(ENTRY).where(ENTRY.c.seq <= replay.head.seq))
        ).scalar_one()
        if counted != replay.head.seq:
            raise ChainBroken("A number of an audit entry is there twice: an entry was slipped in.")
        if replay.head.seq == 0:
            for name, table in SEALED.items():
                if (await session.run(select(table.c.id).limit(1))).first() is not None:
                    raise ChainBroken(
                        f"The audit chain is empty and the store is not ({name.replace('_', ' ')}): its "
                        "entries were removed. Restore a backup."
                    )


async def _records(store: Store, replay: Replay, batch: int) -> tuple[int, dict[str, set[int]], list[str]]:
    """Hold every record against the chain: how many there are, those that seem wrong, and faults of marks."""
    count, suspects, faults = 0, dict[str, set[int]](), list[str]()
    for name, table in SEALED.items():
        expected = dict(replay.records[name])
        wrong, last = set[int](), None
        while True:
            statement = raw_rows(table).order_by(table.c.id).limit(batch)
            async with store.read() as session:
                rows = await _read(
                    session, statement if last is None else statement.where(table.c.id > last), table
                )
            for cells in rows:
                number = id_of(cells)
                said = expected.pop(number, None)
                if said is None or _fault(replay, table, number, cells) is not None:
                    wrong.add(number)
            count += len(rows)
            if len(rows) < batch:
                break
            last = id_of(rows[-1])
        wrong.update(expected)
        if wrong:
            suspects[name] = wrong
        if (name, "latest") in UNSEALED_COLUMNS:
            faults += await _wrong_marks(store, table)
    return count, suspects, faults


async def _still_wrong(session: Session, replay: Replay, table: Table, numbers: Iterable[int]) -> list[str]:
    """What is wrong with these records, at the one moment that the session sees."""
    rows = {}
    for statement in rows_of(table, list(numbers)):
        rows.update({id_of(cells): cells for cells in await _read(session, statement, table)})
    faults = (_fault(replay, table, number, rows.get(number)) for number in sorted(numbers))
    return [fault for fault in faults if fault is not None]


def _fault(replay: Replay, table: Table, number: int, cells: Sequence[Any] | None) -> str | None:
    """What is wrong with a record, in a sentence; None where it is as the chain has it."""
    said, what = replay.records[table.name].get(number), _named(table.name, number)
    if cells is None:
        return None if said is None else f"{what} is gone: audit entry {said[1]} has it."
    try:
        found = digest(table, cells)
    except Unreadable as damaged:
        return f"{what} can't be read back: its {damaged.column} was damaged by another hand."
    if said is None:
        return f"{what} is in no audit entry: it was added by another hand."
    if said[0] != found:
        return f"{what} is not as audit entry {said[1]} left it: it was changed by another hand."
    state = replay.states.get((table.name, number))
    if state is not None:
        row = plain(table, cells)
        if (row.get("state"), row.get("version")) != state[:2]:
            return f"{what} is '{row.get('state')}', and audit entry {state[2]} left it '{state[0]}'."
    return None


async def _wrong_marks(store: Store, table: Table) -> list[str]:
    """The latest piece of evidence of an account is the one with the highest number, and no other."""
    other = table.alias()
    newest = select(func.max(other.c.id)).where(other.c.account_id == table.c.account_id).scalar_subquery()
    async with store.read() as session:
        rows = await session.run(
            select(table.c.id).where(table.c.latest != (table.c.id == newest)).order_by(table.c.id)
        )
        return [
            f"{_named(table.name, number)} has a wrong mark of which is the latest: by another hand."
            for number in rows.scalars()
        ]


def _named(name: str, number: int) -> str:
    """A record as people read of it."""
    words = name.replace("_", " ")
    return f"{words[0].upper()}{words[1:]} {number}"


def _together(faults: Sequence[str], count: int, head: Head) -> str:
    """All faults as one message: the first alone where there is one, else a list."""
    named = "\n".join(f"  {fault}" for fault in faults[:NAMED])
    more = f"\n  and {len(faults) - NAMED} more" if len(faults) > NAMED else ""
    number = "1 record does" if len(faults) == 1 else f"{len(faults)} records do"
    return (
        f"{number} not agree with the audit chain ({count} records, {head.seq} entries):\n{named}{more}\n"
        "Restore a backup from before it, or find out who changed it."
    )

"""The sample division, three weeks old: much is due on its night. Made once, copied for each test."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, insert, select, text

from deployments import sample
from deployments.sample.division import SampleDivision
from policy.model import Policy
from schemas.tables import metadata
from tasks.store import Store
from tests.faults.invariants import Before, Result, note_before, result
from tests.faults.sweeps import moments, run, settings_for, settle
from tests.support.school_year import Year
from tests.support.smtp_server import Received, serving

LOADED = datetime(2026, 10, 5, 15, tzinfo=UTC)
#: The first night and morning, on which much is found and announced; and a day on which people act.
FIRST = date(2026, 10, 6)
#: Three weeks later, at eight in the morning: a sweep that comes late.
NIGHT = datetime(2026, 10, 28, 14, tzinfo=UTC)


class Clock:
    """The time, moved by hand; it begins with the night."""

    def __init__(self) -> None:
        self.moment = NIGHT

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **delta: float) -> None:
        self.moment += timedelta(**delta)


@dataclass(frozen=True)
class Seasoned:
    """The division's file; it is copied, never opened."""

    path: Path
    made: SampleDivision

    @property
    def url(self) -> str:
        return f"sqlite+aiosqlite:///{self.path}"


@dataclass(frozen=True)
class Alone:
    """What an undisturbed night made of it: its file, statements and commits, the mails, and the result."""

    path: Path
    moments: int
    before: Before
    inbox: tuple[Received, ...]
    result: Result


def in_haste(store: Store) -> None:
    """What outlives a power cut is not what the making of a template is about."""

    @event.listens_for(store._engine.sync_engine, "connect")
    def _(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.close()


async def seasoned_division(path: Path, policy: Policy) -> Seasoned:
    """Load the division and lead it through a night, a morning and a day."""
    store = Store.open(f"sqlite+aiosqlite:///{path}")
    in_haste(store)
    try:
        year = Year(store, policy, await sample.load(store, policy, LOADED), LOADED)
        await year.night(FIRST)
        await year.morning(FIRST)
        await year.people(FIRST)
    finally:
        await store.close()
    return Seasoned(path, year.division)


async def undisturbed(path: Path, policy: Policy) -> Alone:
    """Sweep this copy of it, and again until nothing changes."""
    store, counted = Store.open(f"sqlite+aiosqlite:///{path}"), [0]
    in_haste(store)

    def count(number: int) -> None:
        counted[0] = number

    try:
        async with serving() as server:
            before, settings = await note_before(store), settings_for(server.port, path.parent)
            with moments(store, count):
                await run(store, policy, settings, lambda: NIGHT, "alone")
            await settle(store, policy, settings, lambda: NIGHT)
            return Alone(path, counted[0], before, tuple(server.inbox), await result(store))
    finally:
        await store.close()


async def copy_rows(source: str, target: str) -> None:
    """Every row of one store into another that has none."""
    from_store, to_store = Store.open(source), Store.open(target)
    try:
        async with from_store.read() as reading, to_store.write() as writing:
            there, here = await reading.connection(), await writing.connection()
            for table in metadata.sorted_tables:
                found = (await there.execute(select(table))).mappings().all()
                if not found:
                    continue
                await here.execute(insert(table), [dict(row) for row in found])
                if "id" in table.c:
                    last = max(row["id"] for row in found)
                    sequence = text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :last)")
                    await here.execute(sequence, {"table": table.name, "last": last})
    finally:
        await from_store.close()
        await to_store.close()

"""Taking in a bundle, and looking at what came of it."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel, col

from policy.model import Policy
from schemas.columns import table_of
from schemas.people import Person
from schemas.words import Via
from tasks.people.roster import RosterForm, RosterReport, import_roster
from tasks.store import Store


async def take_in(store: Store, policy: Policy, now: datetime, path: Path, **options: Any) -> RosterReport:
    """Somebody who is there takes a bundle in; nobody holds an office, so anybody may begin."""
    async with store.read() as session:
        asked = select(col(Person.id)).where(col(Person.active)).order_by(col(Person.id))
        here = (await session.run(asked)).scalars().first()
    form = RosterForm.model_validate({"actor": str(here or "nobody yet"), "path": path, **options})
    return await import_roster(store, policy, form, via=Via.COMMAND, now=now)


async def rows(store: Store, model: type[SQLModel]) -> list[Any]:
    async with store.read() as session:
        table = table_of(model)
        found = await session.run(select(table).order_by(*table.primary_key.columns))
        return list(found.mappings())

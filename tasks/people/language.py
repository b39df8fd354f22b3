"""The language that a person chose for pages and letters."""

from sqlalchemy import update

from schemas.columns import table_of
from schemas.people import Person
from tasks.store import Store


async def choose(store: Store, person: int, language: str) -> None:
    """Speak it to this person from now on. It decides nothing, so no entry is made of it."""
    table = table_of(Person)
    async with store.write(audited=False) as session:
        await session.run(update(table).where(table.c.id == person).values(language=language))

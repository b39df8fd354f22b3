"""Long stories on SQLite, in a hurry."""

from typing import Any

from sqlalchemy import event

from tasks.store import Store


def hurry(store: Store) -> None:
    """What outlives a power cut is not what they look at."""

    def at_connect(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.close()

    if store.is_sqlite:
        event.listen(store._engine.sync_engine, "connect", at_connect)

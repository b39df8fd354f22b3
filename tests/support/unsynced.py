"""Long stories on SQLite, without waiting for the disk."""

from typing import Any

from sqlalchemy import event

from tasks.store import Store


def skip_syncing(store: Store) -> None:
    """The disk is not waited for: what outlives a power cut is not what these tests look at."""

    def at_connect(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.close()

    if store.is_sqlite:
        event.listen(store._engine.sync_engine, "connect", at_connect)

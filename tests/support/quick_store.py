"""Stores of the tests: they don't wait for the disk, and don't compile again what another has compiled.

Each test opens a store of its own. Compiling its statements anew was a third of the tests' time.
"""

from typing import Any

from sqlalchemy import Engine, event

from tasks.store import Store

#: The real thing, for tests of what it promises.
open_durable = Store.open

#: By the database's name: an engine that has connected, whose dialect and compiled statements all share.
_CONNECTED: dict[str, Engine] = {}


def open_quick(url: str, **engine_options: Any) -> Store:
    """What stands in for `Store.open` while tests run."""
    store = open_durable(url, **{"lasting": False, "query_cache_size": 2000, **engine_options})
    engine = store._engine.sync_engine
    if first := _CONNECTED.get(engine.dialect.name):
        for one in (engine, store._writer.sync_engine):
            one.dialect, one._compiled_cache = first.dialect, first._compiled_cache
        engine.pool._dialect = first.dialect
    else:
        event.listen(engine, "connect", lambda *_: _CONNECTED.setdefault(engine.dialect.name, engine))
    return store

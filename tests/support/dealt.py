"""Which database a test of two runs on when the whole suite runs.

What the database itself decides runs on both: the store's own promises, the rules, what is relayed, faults,
and migrations. A story of people runs the same code on either, and hundreds of them share their statements:
each is dealt one of the two by its name, half of them each, and nothing is told twice.

What is marked `one_of_three` is more of the same: a third of it runs, chosen by name.

`--release` runs everything on both; so does whoever names a test. The fast lane has all of them on SQLite.
"""

import zlib

import pytest

#: Where tests are stories of people.
STORIES = frozenset(
    {
        "adoption", "boards", "commands", "decisions", "files", "intake", "inventory", "items", "lifecycles",
        "mail", "pages", "portal", "roster", "sample", "training",
    }
)  # fmt: skip
DATABASES = ("sqlite", "postgresql")


def is_more_of_the_same(item: pytest.Item) -> bool:
    """Whether this is marked `one_of_three`, and not the one."""
    return item.get_closest_marker("one_of_three") is not None and zlib.crc32(item.nodeid.encode()) % 3 != 0


def is_dealt(item: pytest.Item) -> bool:
    """Whether this is a story that runs on one of the two databases, and here on the other one."""
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    database = parameters.get("database")
    folder = item.nodeid.split("/")[1]
    return database in DATABASES and folder in STORIES and database != its_database(item.nodeid)


def its_database(nodeid: str) -> str:
    """The database that a story is dealt: the same one each time, whichever of its two forms is asked."""
    name = nodeid
    for database in DATABASES:
        name = name.replace(database, "")
    return DATABASES[zlib.crc32(name.encode()) % 2]


def deal(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the second form of each story."""
    named = any("::" in argument for argument in config.args)
    if config.getoption("release") or named or config.getoption("markexpr"):
        return
    left_out = [item for item in items if is_dealt(item) or is_more_of_the_same(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        kept = set(items) - set(left_out)
        items[:] = [item for item in items if item in kept]

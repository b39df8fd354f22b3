"""What a process imports that forks commands: every command, and what one loads while it runs."""

import gc
from importlib import import_module

from deployments.cli.app import app
from deployments.cli.lazy import Group

LATER = (
    "aiosqlite",
    "holidays.countries.canada",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "tasks.prefect.api",
)


def load(group: Group) -> None:
    """Import the commands of a group, and of the groups in it."""
    for command in group.commands.values():
        if isinstance(command, Group):
            load(command)


load(app)
for name in LATER:
    import_module(name)
gc.freeze()

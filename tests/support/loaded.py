"""What a process imports from which tests fork: every command, and what they and the sweep load later."""

import gc
from importlib import import_module

from deployments.cli.app import app
from deployments.cli.lazy import Group

LATER = (
    "aiosqlite",
    "alembic.command",
    "asyncpg",
    "deployments.migrations",
    "holidays.countries.canada",
    "policy.controls",
    "pytest",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "tasks.mail.delivery",
    "tasks.prefect.api",
    "tasks.suspension.lifecycle",
    "tests.factories.division",
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

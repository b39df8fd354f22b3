"""Write the first revision from the tables: `python -m deployments.migrations.make`.

For as long as nothing is released, a changed table is a first revision made again, not a second one.
The types are written in plain SQLAlchemy: a revision must mean the same when the code's own types change.
"""

import subprocess
import sys
from typing import Any, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.types import TypeDecorator

from deployments.migrations import HERE
from schemas.tables import metadata

FIRST = HERE / "versions" / "0001_first_tables.py"

HEAD = '''"""The first tables: people, accounts and requests, gates, evidence, findings, and the machinery.

Made by `python -m deployments.migrations.make`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
'''


def plain(kind: str, thing: Any, _context: object) -> str | Literal[False]:
    """How Alembic writes a column type: our own and SQLModel's as the plain type beneath them."""
    if kind == "type" and isinstance(thing, TypeDecorator):
        return f"sa.{thing.impl!r}"
    return False


def first_revision() -> str:
    """The text of the first revision: what it takes to come from nothing to the tables of today."""
    engine = create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"target_metadata": metadata, "render_item": plain}
            )
            script = produce_migrations(context, metadata)
    finally:
        engine.dispose()
    assert script.upgrade_ops is not None  # noqa: S101
    assert script.downgrade_ops is not None  # noqa: S101
    parts = [HEAD]
    for name, ops in (("upgrade", script.upgrade_ops), ("downgrade", script.downgrade_ops)):
        body = render_python_code(ops, render_item=plain, migration_context=context)
        lines = [line for line in body.splitlines() if not line.lstrip().startswith("#")]
        parts.append(f"\ndef {name}() -> None:\n" + "\n".join(lines))
    return _formatted("\n".join(parts))


def _formatted(text: str) -> str:
    """The text as the project's formatter writes it."""
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--line-length=110", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


if __name__ == "__main__":
    FIRST.write_text(first_revision(), encoding="utf-8")
    print(f"written: {FIRST.relative_to(HERE.parent.parent)}")

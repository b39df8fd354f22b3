"""Write the next revision from the tables: `python -m deployments.migrations.make "what it brings"`.

Revisions are only ever added: a store that stands at an earlier one must come to the newest. What is
written is the difference between a store at the newest revision and the tables of the code; read it before
it is committed. The types are written in plain SQLAlchemy: a revision must mean the same when the code's own
types change.
"""

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.operations.ops import MigrationScript
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.types import TypeDecorator

from deployments import migrations
from schemas.tables import metadata

HEAD = '''"""{title}.

Written by `python -m deployments.migrations.make`, and read.
"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None
'''


def plain(kind: str, thing: Any, _context: object) -> str | Literal[False]:
    """How Alembic writes a column type: our own and SQLModel's as the plain type beneath them."""
    if kind == "type" and isinstance(thing, TypeDecorator):
        return f"sa.{thing.impl!r}"
    return False


def next_revision(title: str) -> tuple[str, str] | None:
    """The file name and the text of the revision that the tables want; None when they want none."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        before = migrations.upgrade(f"sqlite+aiosqlite:///{path}")
        engine = create_engine(f"sqlite:///{path}")
        try:
            with engine.connect() as connection:
                context = MigrationContext.configure(
                    connection,
                    opts={"target_metadata": metadata, "render_item": plain, "render_as_batch": True},
                )
                script = produce_migrations(context, metadata)
        finally:
            engine.dispose()
    assert script.upgrade_ops is not None  # noqa: S101
    if script.upgrade_ops.is_empty():
        return None
    revision = f"{int(before) + 1:04}"
    name = f"{revision}_{re.sub('[^a-z0-9]+', '_', title.lower()).strip('_')}.py"
    return name, _text(script, context, HEAD.format(title=title, revision=revision, before=before))


def _text(script: MigrationScript, context: MigrationContext, head: str) -> str:
    """The whole file, formatted as the project is."""
    parts = [head]
    for name, ops in (("upgrade", script.upgrade_ops), ("downgrade", script.downgrade_ops)):
        assert ops is not None  # noqa: S101
        body = render_python_code(ops, render_as_batch=True, render_item=plain, migration_context=context)
        lines = [line for line in body.splitlines() if not line.lstrip().startswith("#")]
        parts.append(f"\ndef {name}() -> None:\n" + "\n".join(lines))
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--line-length=110", "-"],
        input="\n".join(parts),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004 - the program and the title
        sys.exit('Say what it brings: python -m deployments.migrations.make "daily check-ins"')
    made = next_revision(sys.argv[1])
    if made is None:
        sys.exit("The revisions make the tables of the code already: nothing to write.")
    (migrations.HERE / "versions" / made[0]).write_text(made[1], encoding="utf-8")
    print(f"written: deployments/migrations/versions/{made[0]}; read it before you commit it")

"""Make the dump of a store as an earlier revision left it, with that revision's own code.

    python -m tests.upgrades.make 0010 d2577ca8      # a commit whose newest revision it is

The commit is unpacked beside, and its own tests' small division lives through a story: a live account, a
request that waits for its decision, findings, wake-ups and letters. Rows become INSERTs that SQLite and
PostgreSQL both read.
"""

import io
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
STORY = Path(__file__).with_name("story_of_before.py")


def dump_of(database: Path) -> str:
    """The rows of every table as INSERTs, in an order in which each row's own come first."""
    with sqlite3.connect(database) as connection:
        connection.row_factory = sqlite3.Row
        made = []
        for table in _in_order(connection):
            kinds = {one["name"]: one["type"] for one in connection.execute(f'PRAGMA table_info("{table}")')}
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - our own tables
                names = [name for name in row.keys() if row[name] is not None]  # noqa: SIM118 - a Row
                cells = ", ".join(_literal(row[name], kinds[name]) for name in names)
                columns = ", ".join(f'"{name}"' for name in names)
                made.append(f'INSERT INTO "{table}" ({columns}) VALUES ({cells});')  # noqa: S608 - the same
    return "\n".join(made) + "\n"


def _in_order(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    left = [one["name"] for one in found if one["name"] not in {"alembic_version", "sqlite_sequence"}]
    needs = {
        table: {one["table"] for one in connection.execute(f'PRAGMA foreign_key_list("{table}")')} - {table}
        for table in left
    }
    ordered: list[str] = []
    while left:
        ready = [table for table in left if needs[table] <= set(ordered)] or left[:1]
        ordered += ready
        left = [table for table in left if table not in ready]
    return ordered


def _literal(value: object, kind: str) -> str:
    if kind == "BOOLEAN":
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def main(revision: str, commit: str) -> None:
    """Write tests/upgrades/REVISION.sql."""
    git = shutil.which("git") or "git"
    archived = [git, "archive", commit]
    packed = subprocess.run(archived, cwd=ROOT, check=True, capture_output=True).stdout  # noqa: S603
    with tempfile.TemporaryDirectory() as folder:
        before, database = Path(folder) / "code", Path(folder) / "store.db"
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(before, filter="data")
        (before / "tests" / "test_story_of_before.py").write_text(STORY.read_text())
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_story_of_before.py"],
            cwd=before,
            env={**os.environ, "PYTHONPATH": str(before), "STORE_OF_BEFORE": str(database)},
            check=True,
        )
        with sqlite3.connect(database) as connection:
            (newest,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        if newest != revision:
            raise SystemExit(f"that commit's newest revision is {newest}")
        Path(__file__).with_name(f"{revision}.sql").write_text(dump_of(database))


if __name__ == "__main__":
    main(*sys.argv[1:])

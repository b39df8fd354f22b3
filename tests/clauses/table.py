"""The table of docs/clauses.md: each clause, what was done, and what the store then said.

`python -m tests.clauses.table` writes it, from the rows of the modules `rows_*` of this folder. Each row is
driven in a store of its own, on the functions behind the doors.
"""

import asyncio
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from tempfile import TemporaryDirectory

from deployments.migrations import upgrade
from policy.model import Policy, load
from schemas.settings import ROOT
from tasks.store import Store
from tests import clauses
from tests.clauses.driving import ROWS, Row, ordered
from tests.support.quick_store import open_quick
from tests.support.world import World, division

PAGE, BEGIN, END = ROOT / "docs" / "clauses.md", "<!-- the table: begin -->", "<!-- the table: end -->"
NOW = datetime(2026, 10, 20, 16, 0, tzinfo=UTC)  # Tuesday, 10:00 in the division


def rows() -> list[Row]:
    """Every row of the modules of this folder."""
    for module in iter_modules(clauses.__path__):
        if module.name.startswith("rows_"):
            import_module(f"{clauses.__name__}.{module.name}")
    return list(ROWS)


async def drive(policy: Policy, template: Path, folder: Path) -> dict[int, str]:
    """What the store said after each row, by the row's place."""
    found = {}
    for number, one in enumerate(rows()):
        path = folder / f"row{number}.db"
        shutil.copyfile(template, path)
        store = Store.open(f"sqlite+aiosqlite:///{path}")
        world = World(store, policy, NOW)
        await world.put(*division())
        found[number] = await one.drive(world)
        await store.close()
        path.unlink()
    return found


def written(text: str, policy: Policy, said: Mapping[int, str]) -> str:
    """The page of docs/ with the table as it is now."""
    titles = {clause.id: clause.title for clause in policy.clauses}
    every = rows()
    places = {id(one): number for number, one in enumerate(every)}
    lines = ["| clause | | what was done | what the store then said |", "|---|---|---|---|"]
    for one in ordered(every, list(titles)):
        cells = (
            ", ".join(one.clauses),
            titles[one.clauses[0]],
            one.done,
            " ".join(said[places[id(one)]].split()),
        )
        lines.append(f"| {' | '.join(cell.replace('|', ' ') for cell in cells)} |")
    table = "\n".join(lines)
    return f"{text.partition(BEGIN)[0]}{BEGIN}\n\n{table}\n\n{END}{text.partition(END)[2]}"


def _write() -> None:
    Store.open = staticmethod(open_quick)  # type: ignore[method-assign]
    shipped = load(ROOT / "policy" / "ap151.toml")
    with TemporaryDirectory() as folder:
        template = Path(folder) / "template.db"
        upgrade(f"sqlite+aiosqlite:///{template}")
        said = asyncio.run(drive(shipped, template, Path(folder)))
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), shipped, said), encoding="utf-8")


if __name__ == "__main__":
    _write()

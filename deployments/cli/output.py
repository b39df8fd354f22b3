"""How every command talks: results on standard output, one sentence of error on standard error."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table
from sqlalchemy.engine import make_url

from schemas.errors import StoreUnavailable
from tasks.runtime import Runtime, opened

T = TypeVar("T")

#: The option that every command has.
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def no_file_yet(store_url: str) -> bool:
    """Whether the store is an SQLite file that is not there: opening it would make an empty one."""
    url = make_url(store_url)
    return url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file()


def run(work: Callable[[Runtime], Awaitable[T]], *, needs_store: bool = True) -> T:
    """Open settings, policy and store, do the work, and close them.

    Raises StoreUnavailable where there is no store yet, unless the work can do without.
    """

    async def inside() -> T:
        async with opened() as runtime:
            if needs_store and no_file_yet(runtime.settings.store_url):
                raise StoreUnavailable(
                    "There is no store here yet: run `make up` or `steward up` once, which prepares it, or "
                    "say with STEWARD_DATA_DIR or STEWARD_DATABASE_URL where it is."
                )
            return await work(runtime)

    return asyncio.run(inside())


_ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)


def plain(value: Any) -> Any:
    """A value as JSON has it: dates as ISO text, enums as their value, records as objects."""
    return _ANYTHING.dump_python(value, mode="json")


def say_json(value: Any) -> None:
    """Print JSON, one document."""
    typer.echo(json.dumps(plain(value), indent=2, ensure_ascii=False))


def say(value: Any, text: str, *, as_json: bool) -> None:
    """Print the value as JSON, or the text for people."""
    if as_json:
        say_json(value)
    else:
        typer.echo(text)


def table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> None:
    """Print a table for people; as wide as the terminal, or 160 columns where there is none."""
    console = Console() if Console().is_terminal else Console(width=160)
    made = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for header in headers:
        made.add_column(header, overflow="fold")
    for row in rows:
        made.add_row(*("" if cell is None else str(cell) for cell in row))
    console.print(made)


def local(moment: datetime | None, zone: ZoneInfo) -> str:
    """An instant as people of the division read it; empty for None."""
    return moment.astimezone(zone).strftime("%a %d %b %Y %H:%M") if moment else ""

"""How every command talks: results on standard output, as text for people or as one JSON document."""

import json
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from pydantic import TypeAdapter

from deployments.cli.text import echo, echo_data

#: The option that every command has.
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]

#: The options of every list that may be long.
Limit = Annotated[int | None, typer.Option(min=1, help="Show so many; 50 if left out.")]
All = Annotated[bool, typer.Option("--all", help="Show all of them.")]

_SHOWN = 50

_ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)


def plain(value: Any) -> Any:
    """A value as JSON has it: dates as ISO text, enums as their value, records as objects."""
    return _ANYTHING.dump_python(value, mode="json")


def say_json(value: Any) -> None:
    """Print JSON, one document. What could steer a terminal is escaped, as JSON allows."""
    echo_data(json.dumps(plain(value), indent=2, ensure_ascii=False))


def say(value: Any, text: str, *, as_json: bool) -> None:
    """Print the value as JSON, or the text for people."""
    if as_json:
        say_json(value)
    else:
        echo(text)


def local(moment: datetime | None, zone: ZoneInfo) -> str:
    """An instant as people of the division read it; empty for None."""
    return moment.astimezone(zone).strftime("%a %d %b %Y %H:%M") if moment else ""


def how_many(limit: int | None, *, everything: bool, as_json: bool) -> int | None:
    """How many rows of a list are shown; None is all. A program that reads JSON gets all unless it limits."""
    return limit if limit is not None else None if everything or as_json else _SHOWN


def more(shown: int, in_all: int) -> None:
    """Say how many more there are than those that were shown."""
    if left := in_all - shown:
        echo(f"… and {left} more: --all")

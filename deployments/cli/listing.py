"""A list as people and programs read it: the same for each command that shows one."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from deployments.cli.output import more, say_json
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from tasks.store.page import Page

T = TypeVar("T")


def listed(
    found: Page[T],
    headers: Sequence[Column | str],
    row: Callable[[T], Sequence[object]],
    *,
    empty: str,
    as_json: bool,
) -> None:
    """Print it as JSON, or as a table and how many more there are. `empty`: said where nothing is there."""
    if as_json:
        say_json(found.rows)
    elif not found.rows:
        echo(empty)
    else:
        table(headers, [row(one) for one in found.rows])
        more(len(found.rows), found.in_all)

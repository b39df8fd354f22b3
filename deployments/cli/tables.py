"""Tables that fit the terminal: 80 columns where nobody says how wide it is.

Words are never cut. Where a table is too wide, its least important columns are left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deployments.cli.text import visible

_GAP = 2
_LONGEST_WORD = 36  # a longer one may be cut: it would take the room of all other columns


@dataclass(frozen=True)
class Column:
    """A column.

    `wraps`: its cells may take several lines, where need be of only `least` characters.
    `drop`: the column with the highest is left out first; 0 is never left out.
    """

    header: str
    wraps: bool = False
    least: int = 20
    drop: int = 0


def table(
    headers: Sequence[Column | str],
    rows: Iterable[Sequence[object]],
    *,
    title: str = "",
    width: int | None = None,
) -> None:
    """Print a table for people, as wide as the terminal or as `width` says. A plain header never wraps."""
    columns = [one if isinstance(one, Column) else Column(one) for one in headers]
    console = Console(width=width, highlight=False, markup=False, emoji=False)
    cells = [["" if cell is None else visible(str(cell)) for cell in row] for row in rows]
    shown, widths = fit(columns, cells, console.width)
    made = Table(
        title=Text(visible(title), style="bold") if title else None,
        title_justify="left",
        header_style="bold",
        box=None,
        pad_edge=False,
        padding=(0, _GAP, 0, 0),
    )
    for at, wide in zip(shown, widths, strict=True):
        made.add_column(Text(columns[at].header), width=wide, overflow="fold")
    for row in cells:
        made.add_row(*(Text(row[at]) for at in shown))
    with console.capture() as printed:
        console.print(made)
    typer.echo("\n".join(line.rstrip() for line in printed.get().splitlines()))


def fit(columns: Sequence[Column], cells: Sequence[Sequence[str]], room: int) -> tuple[list[int], list[int]]:
    """Which columns are shown, by their place, and how wide each is."""
    all_of = [[columns[at].header, *(row[at] for row in cells)] for at in range(len(columns))]
    widest = [max(map(cell_len, column)) for column in all_of]
    least = [
        min(
            widest[at],
            _LONGEST_WORD,
            max(_longest_word(all_of[at]), one.least) if one.wraps else widest[at],
        )
        for at, one in enumerate(columns)
    ]
    words = [min(least[at], _longest_word(all_of[at])) for at in range(len(columns))]
    shown = list(range(len(columns)))
    while _wide(least, shown) > room and (droppable := [at for at in shown if columns[at].drop]):
        shown.remove(max(droppable, key=lambda at: columns[at].drop))
    while _wide(least, shown) > room and max(least[at] for at in shown) > 1:
        whole = [at for at in shown if least[at] > words[at]]  # narrower, and no word of it is cut yet
        least[max(whole or shown, key=lambda at: least[at])] -= 1
    spare = room - _wide(least, shown)
    growing = sorted(shown, key=lambda at: widest[at] - least[at])
    for place, at in enumerate(growing):
        more = min(widest[at] - least[at], spare // (len(growing) - place))
        least[at] += more
        spare -= more
    return shown, [least[at] for at in shown]


def _longest_word(texts: Iterable[str]) -> int:
    return max((cell_len(word) for text in texts for word in text.split()), default=0)


def _wide(widths: Sequence[int], shown: Sequence[int]) -> int:
    return sum(widths[at] for at in shown) + _GAP * (len(shown) - 1)

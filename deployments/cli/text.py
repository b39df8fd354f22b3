"""Text on its way to a terminal: nothing in it may steer the terminal."""

import json
import unicodedata

import typer

from schemas.language import days_written

#: Characters that move, colour, hide or turn around what stands beside them.
_STEERING = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def visible(text: str, *, keep: str = "") -> str:
    """The text with each character that steers a terminal written as in JSON; those in `keep` stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        one if one in keep or unicodedata.category(one) not in _STEERING else json.dumps(one)[1:-1]
        for one in text
    )


def echo(text: str = "", *, err: bool = False) -> None:
    """Print sentences for people, of one or more lines; their days are written as people write them."""
    echo_data(days_written(text), err=err)


def echo_data(text: str, *, err: bool = False) -> None:
    """Print what a program reads, or a message as it was sent: days stay as they are."""
    typer.echo(visible(text, keep="\n\t"), err=err)

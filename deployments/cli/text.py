"""Text on its way to a terminal: nothing in it may steer the terminal."""

import unicodedata

import typer

#: Characters that move, colour, hide or turn around what stands beside them.
_STEERING = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def visible(text: str, *, keep: str = "") -> str:
    r"""The text with each character that steers a terminal written out, as \x1b; those in `keep` stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        one
        if one in keep or unicodedata.category(one) not in _STEERING
        else one.encode("unicode_escape").decode("ascii")
        for one in text
    )


def echo(text: str = "", *, err: bool = False) -> None:
    """Print text of one or more lines."""
    typer.echo(visible(text, keep="\n\t"), err=err)

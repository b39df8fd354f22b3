"""Days as people type them."""

from datetime import date

from schemas.errors import BadInput


def day(text: str, option: str) -> date:
    """A day given on the command line. Raises BadInput naming the option."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"{option} {text!r} is not a day: write it as 2026-09-30.") from None

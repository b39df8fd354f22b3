"""Days as people type them."""

from datetime import date, timedelta

from schemas.errors import BadInput


def day(text: str, option: str, today: date) -> date:
    """A day given on the command line: 2026-09-30, today or yesterday. Raises BadInput naming the option."""
    said = text.strip().lower()
    if said in {"today", "yesterday"}:
        return today - timedelta(days=said == "yesterday")
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise BadInput(
            f"{option} {text!r} is not a day: write it as 2026-09-30, or say today or yesterday."
        ) from None

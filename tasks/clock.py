"""The one place that reads the clock. Everything else is given `now`.

`STEWARD_CLOCK_OFFSET_SECONDS` moves it, for rehearsals and for tests of the real stack that must not depend
on the hour at which they run. `steward up` says so when it is set.
"""

import os
from datetime import UTC, datetime, timedelta
from functools import cache

from schemas.errors import BadSettings

OFFSET = "STEWARD_CLOCK_OFFSET_SECONDS"

#: Far beyond every rehearsal, and near enough for dates to be worked out on both sides.
FARTHEST = timedelta(days=3650)


@cache
def offset() -> timedelta:
    """How far the clock is moved; zero unless the setting says otherwise. Raises BadSettings."""
    given = os.environ.get(OFFSET, "0")
    try:
        moved = timedelta(seconds=float(given))
    except (ValueError, OverflowError):
        raise BadSettings(f"The setting {OFFSET} must be a number of seconds, not {given!r}.") from None
    if abs(moved) > FARTHEST:
        raise BadSettings(f"The setting {OFFSET} is {FARTHEST.days} days at most: correct or remove it.")
    return moved


def now() -> datetime:
    """This instant, aware, in UTC; moved by the offset."""
    return wall() + offset()


def wall() -> datetime:
    """The machine's own instant, never moved: for what is compared with other programs' times."""
    return datetime.now(UTC)

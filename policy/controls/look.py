"""Somebody looks at an account on every day that counts."""

from datetime import date
from enum import StrEnum
from typing import Literal

from policy.controls._control import Control, Sanction
from policy.parts import CountOrNone


class Cadence(StrEnum):
    """The days on which an account must be looked at."""

    SCHOOL_DAYS = "school days"
    ALL_DAYS = "all days"


class Look(Control):
    """Somebody says of every account that they looked at its posts and comments.

    `on`: the days that count; none before `begins_on`. `missed_days_allowed`: so many may be missed in a row
    before it is a finding. `said_late_days_at_most`: a look is said for its own day, or so many days later.
    `then`: what is suspended where nobody looks again.

    Finds every live account that was missed on more days in a row. Asks nobody by itself. Never keeps what
    was seen there.
    """

    use: Literal["look"] = "look"
    on: Cadence
    begins_on: date
    missed_days_allowed: CountOrNone
    said_late_days_at_most: CountOrNone
    then: Sanction | None = None

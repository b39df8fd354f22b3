"""What is not urgent reaches people in working hours."""

from typing import Literal

from policy.controls._control import Control


class QuietHours(Control):
    """Steward's own letters that are not urgent leave within working hours, low-value ones once a day.

    The hours are those of the file's `working_hours`. Finds nothing and asks nobody. Never holds back what
    is urgent.
    """

    use: Literal["quiet-hours"] = "quiet-hours"

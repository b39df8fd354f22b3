"""What is not urgent reaches people in working hours."""

from typing import Literal

from policy.controls._control import Control


class QuietHours(Control):
    """Steward's own letters that are not urgent leave within working hours, low-value ones once a day.

    The hours are those of the file's `working_hours`. Finds nothing and asks nobody. Never holds back what
    is urgent, up to `letters_a_day_at_most` of the file's `mail` to one person: the rest is in the digest.
    """

    use: Literal["quiet-hours"] = "quiet-hours"

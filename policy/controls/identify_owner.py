"""An account's profile shows whose it is."""

from typing import Literal

from policy.controls._control import Control
from policy.parts import Count


class IdentifyOwner(Control):
    """The profile of an account of these levels shows the name and position of who administers it.

    `look_within_days`: somebody has looked so many days after the account became live or was found.
    `attested_good_days`: how long it holds what a person saw there.

    Finds every live account whose profile did not show it when last looked at. Asks nobody by itself. Never
    keeps the name or position that it read.
    """

    use: Literal["identify-owner"] = "identify-owner"
    look_within_days: Count
    attested_good_days: Count

"""An office can reach an account besides its administrators."""

from typing import Literal

from policy.controls._control import Control
from policy.parts import Id


class Custody(Control):
    """It is shown, for every account of these levels, how a holder of the office can reach it.

    `office`: whose way in it is. What shows it depends on how its administrators get in: see the file's
    `custody`.

    Finds every live account where nothing shows it. Asks whoever reports an account to show it. Never asks
    for a password.
    """

    use: Literal["custody"] = "custody"
    office: Id

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        return (("office", "office", self.office),)

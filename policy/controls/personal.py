"""People's own accounts need no approval."""

from typing import Literal

from policy.controls._control import Control
from policy.parts import Id


class Personal(Control):
    """A request for a personal account ends at once: none is needed, and this advice applies.

    `text`: the answer, whose points are the advice. Finds nothing and asks nobody. Never keeps anything of
    somebody's personal account but that they asked.
    """

    use: Literal["personal"] = "personal"
    text: Id

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        return (("text", "text", self.text),)

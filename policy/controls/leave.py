"""What people are told to avoid is allowed to one person for a time."""

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from policy.controls._control import Control
from policy.parts import Count, CountOrNone, Id, Words
from schemas.language import half
from schemas.words import ItemKind, PersonKind

if TYPE_CHECKING:
    from policy.model import Policy


class OnLeave(Control):
    """Nobody does this but with leave, which is asked for, decided, and ends by itself.

    `allows`: what leave allows, as it follows "leave to". `decided_by`: an office of the division; where it
    is left out, the person's direct supervisor decides, and without one who runs their school. `otherwise`:
    the office that decides where none of these is there but the person, or somebody under them.
    `at_most_days`: the longest period. `reminded_days_before`: so long before its last day the person is
    reminded; of a short leave at half of it. `circumstances_characters_at_least`: how much is to be said of
    why the case is extraordinary; at 0 nothing need be said. `people`: who may ask.

    Finds nothing: Steward reads no messages. Asks whoever decides. Never lets anybody decide their own
    leave, nor who has the person as a supervisor.
    """

    asks_for: ClassVar[tuple[ItemKind, ...]] = (ItemKind.DECIDE_LEAVE,)

    use: Literal["leave"] = "leave"
    allows: Words
    decided_by: Id | None = None
    otherwise: Id
    at_most_days: Count
    reminded_days_before: Count
    circumstances_characters_at_least: CountOrNone = 0
    people: tuple[PersonKind, ...] = Field(default=(PersonKind.STAFF,), min_length=1)

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        decides = () if self.decided_by is None else (("decided_by", "division office", self.decided_by),)
        return (*decides, ("otherwise", "division office", self.otherwise))

    def slips(self, policy: "Policy") -> tuple[tuple[str, str], ...]:
        """A reminder of every leave at half of it; nobody else to decide."""
        del policy
        found = []
        if self.reminded_days_before >= self.at_most_days:
            said = half(f"the longest leave lasts {self.at_most_days} days, so its end would never be so far")
            found.append(("reminded_days_before", said))
        if self.otherwise == self.decided_by:
            said = half("who holds it alone could have no leave of their own decided: name another office")
            found.append(("otherwise", said))
        return tuple(found)

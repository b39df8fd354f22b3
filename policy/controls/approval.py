"""Accounts are approved by an office before they are made."""

from typing import TYPE_CHECKING, ClassVar, Literal

from policy.controls._control import Control, OneFor
from policy.parts import Count, Id
from schemas.language import half
from schemas.words import ItemKind

if TYPE_CHECKING:
    from policy.model import Policy


class Approval(Control):
    """No account of these levels goes live that its office has not approved.

    `decided_by`: the office. `otherwise`: the office that decides where nobody but the requester holds the
    first. `abandon_unprepared_days`: an approved account that nobody has reported is closed after so many
    days.

    Finds nothing: it works before there is an account. Asks the office to decide, also on an administrator
    whom somebody else names later, and an administrator to create the account. Never lets anybody decide
    their own request.
    """

    one_for: ClassVar[OneFor | None] = OneFor.LEVEL
    asks_for: ClassVar[tuple[ItemKind, ...]] = (ItemKind.DECIDE_REQUEST, ItemKind.CREATE_ACCOUNT)

    use: Literal["approval"] = "approval"
    decided_by: Id
    otherwise: Id
    abandon_unprepared_days: Count

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        return (
            ("decided_by", "office", self.decided_by),
            ("otherwise", "office", self.otherwise),
        )

    def slips(self, policy: "Policy") -> tuple[tuple[str, str], ...]:
        """Nobody else to decide what the only holder of the office asks for."""
        del policy
        if self.otherwise != self.decided_by:
            return ()
        said = half("who holds it alone could have no request of their own decided: name another office")
        return (("otherwise", said),)

"""Accounts are approved by an office before they are made."""

from typing import ClassVar, Literal

from policy.controls._control import Control
from policy.parts import Count, Id
from schemas.words import ItemKind


class Approval(Control):
    """No account of these levels goes live that its office has not approved.

    `decided_by`: the office. `otherwise`: the office that decides where nobody but the requester holds the
    first. `abandon_unprepared_days`: an approved account that nobody has reported is closed after so many
    days.

    Finds nothing: it works before there is an account. Asks the office to decide, and an administrator to
    create the account. Never lets anybody decide their own request.
    """

    missing: ClassVar[tuple[str, ...]] = (
        "a decision on an administrator who is added to an account that is there",
    )
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

"""What nobody mends leads to suspension, and in the end to closing."""

from typing import ClassVar, Literal

from policy.controls._control import Control, OneFor
from policy.parts import Count, Id
from schemas.words import ItemKind


class Suspending(Control):
    """Findings whose control says so lead to suspension, each after notice with a date.

    `decided_by`: the office that suspends at once and brings back. `announced_a_night_at_most` and
    `suspended_a_night_at_most` count accounts, `accesses_a_night_at_most` one person's access to one account
    each. They are brakes: a wrong rule or a wrong import must neither write to the whole division in one
    night nor suspend it. `close_after_days`: an account that stays unmended is closed so long after it was
    suspended.

    Finds nothing itself. Asks whoever can mend a finding to mend it, and that office whether an account
    comes back. Never suspends what nobody was told of, nor on a day without school.
    """

    one_for: ClassVar[OneFor | None] = OneFor.FILE
    asks_for: ClassVar[tuple[ItemKind, ...]] = (
        ItemKind.MEND_FINDING,
        ItemKind.TAKE_HOLD,
        ItemKind.DECIDE_REINSTATEMENT,
    )

    use: Literal["sanction"] = "sanction"
    decided_by: Id
    announced_a_night_at_most: Count
    suspended_a_night_at_most: Count
    accesses_a_night_at_most: Count
    close_after_days: Count

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        return (("decided_by", "division office", self.decided_by),)

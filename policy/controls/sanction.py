"""What nobody mends leads to suspension, and in the end to closing."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from policy.controls._control import Control, OneFor
from policy.parts import Count, Id
from schemas.words import ItemKind


class Suspending(Control):
    """Findings whose control says so lead to suspension, each after notice with a date.

    `decided_by`: the office that suspends at once and brings back. `announced_a_night_at_most` and
    `suspended_a_night_at_most` count accounts, `accesses_a_night_at_most` one person's access to one account
    each. They are brakes: a wrong rule or a wrong import must neither write to the whole division in one
    night nor suspend it. `close_after_days`: an account that stays unmended is closed so long after it was
    suspended. `stopped_by`: the offices each of which stops accounts in an emergency; another one of them
    confirms it within `confirm_within_hours`, or it ends by itself.
    `unconfirmed_stops_in_30_days_at_most`: so often one office stops the same account with nobody confirming
    it; then it is another office's to stop.

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
    stopped_by: tuple[Id, ...] = ()
    confirm_within_hours: Annotated[int, Field(ge=1, le=168)] = 24
    unconfirmed_stops_in_30_days_at_most: Count = 2

    @model_validator(mode="after")
    def _a_second_one(self) -> "Suspending":
        if len(self.stopped_by) == 1 or len(set(self.stopped_by)) < len(self.stopped_by):
            raise ValueError("name two offices or more in `stopped_by`: one stops, another one confirms")
        return self

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        stopping = tuple(("stopped_by", "division office", one) for one in self.stopped_by)
        return (("decided_by", "division office", self.decided_by), *stopping)

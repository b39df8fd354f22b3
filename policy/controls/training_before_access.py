"""Whoever has access has completed a course first, and keeps it current."""

from enum import StrEnum
from typing import ClassVar, Literal

from policy.controls._control import Control
from policy.parts import Count, Id
from schemas.words import ItemKind


class Required(StrEnum):
    """Whether an account asks its people for the course; whoever approves it may have a word of their own."""

    ALWAYS = "always"
    UNLESS_WAIVED = "unless waived"  # by the approver, for one account
    WHEN_ASKED = "when asked"  # by the approver, for one account


class TrainingBeforeAccess(Control):
    """Nobody has access to an account of these levels without a current completion of the course.

    `course`: its id. `required`: of every such account, or by the approver's word. `found_grace_school_days`:
    access that an inventory found without a current completion was never ours to refuse; its holder is
    asked, and has so many school days before it is suspended. `asked_days_before_lapse`: when whoever holds
    access is asked to renew it; on the last school day before, where that is none.

    Finds every access without a current completion. Asks the person to complete or renew the course, and
    suspends access when it lapses or is voided; a new completion gives it back. Never takes the last access
    that reaches a live account.
    """

    asks_for: ClassVar[tuple[ItemKind, ...]] = (ItemKind.COMPLETE_COURSE,)

    use: Literal["training-before-access"] = "training-before-access"
    course: Id
    required: Required
    found_grace_school_days: Count
    asked_days_before_lapse: Count

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        return (("course", "course", self.course),)

    def is_required(self, word: bool | None) -> bool:
        """Whether one account asks for it. `word` is its approver's own; None: they had none."""
        if self.required is Required.ALWAYS or word is None:
            return self.required is not Required.WHEN_ASKED
        return word

"""Where no password is shared, somebody looks at the platform's own list of administrators."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from policy.controls._control import Control
from policy.parts import Count, Ladder, is_descending
from schemas.words import ItemKind


class ListReview(Control):
    """The list of who administers an account on its platform is looked at each `every_days`.

    `reminders_days_before`: people are asked so many days ahead, the first of them, and reminded at the
    others; 0 is the due day. It speaks of the accounts whose way in has no password that `rotates`.

    Finds every live account whose list was not looked at for longer. Asks its administrators to look. Never
    takes anybody off the platform's list itself.
    """

    asks_for: ClassVar[tuple[ItemKind, ...]] = (ItemKind.REVIEW_ADMINISTRATORS,)

    use: Literal["list-review"] = "list-review"
    every_days: Count
    reminders_days_before: Annotated[Ladder, Field(min_length=1)]

    @field_validator("reminders_days_before")
    @classmethod
    def _descends(cls, value: Ladder) -> Ladder:
        if not is_descending(value):
            raise ValueError("reminders go out nearer and nearer: list the days from many to few")
        return value

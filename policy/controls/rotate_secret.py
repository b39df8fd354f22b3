"""Shared passwords are changed often enough, and soon after somebody who knew one lost access."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from policy.controls._control import Control
from policy.parts import Count, Ladder, is_descending
from schemas.words import ItemKind


class RotateSecret(Control):
    """A shared password is changed each `every_days`, and `after_loss_days` after a knower lost access.

    `reminders_days_before`: people are asked so many days ahead, the first of them, and reminded at the
    others; 0 is the due day. Which accounts share a password: see `rotates` in the file's `custody`.

    Finds every live account whose password is due. Asks its administrators to change it, and to confirm
    that they have the new one. Never asks what it is.
    """

    asks_for: ClassVar[tuple[ItemKind, ...]] = (ItemKind.ROTATE_CREDENTIALS, ItemKind.CONFIRM_ROTATION)

    use: Literal["rotate-secret"] = "rotate-secret"
    every_days: Count
    after_loss_days: Count
    reminders_days_before: Annotated[Ladder, Field(min_length=1)]

    @field_validator("reminders_days_before")
    @classmethod
    def _descends(cls, value: Ladder) -> Ladder:
        if not is_descending(value):
            raise ValueError("reminders go out nearer and nearer: list the days from many to few")
        return value

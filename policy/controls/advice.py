"""Advice reaches whom it concerns."""

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from policy.controls._control import Control
from policy.parts import Id, Lasts
from schemas.language import half
from schemas.words import ItemKind, PersonKind

if TYPE_CHECKING:
    from policy.model import Policy


class Reaches(StrEnum):
    """Whom advice is for."""

    ADMINISTRATORS = "administrators"  # whoever has access to an account of its levels
    PEOPLE = "people"  # everybody of the kinds that it names


class Advice(Control):
    """These texts are sent to whom they concern, in their present version, and again after so many days.

    `to`: "administrators" of accounts of its levels, or "people" of the kinds in `people`.
    `again_after_days`: once for each version where it is left out. `acknowledge`: whether an answer is
    asked for, which is then reminded of. What is due for one person is one letter; how seldom one may come
    stands in the file's `advice`.

    Finds nothing. Asks for an answer only where it says so. Never takes anything for want of one.
    """

    asks_for: ClassVar[tuple[ItemKind, ...]] = (ItemKind.READ_ADVICE,)

    use: Literal["advice"] = "advice"
    texts: tuple[Id, ...] = Field(min_length=1)
    to: Reaches
    people: tuple[PersonKind, ...] = Field(default=(PersonKind.STAFF,), min_length=1)
    again_after_days: Lasts | None = None
    acknowledge: bool = False

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        return tuple(("texts", "text", text) for text in self.texts)

    def slips(self, policy: "Policy") -> tuple[tuple[str, str], ...]:
        """Advice that would be due again before a letter may come."""
        between, again = policy.advice.days_between_letters, self.again_after_days
        if again is None or again >= between:
            return ()
        return (
            (
                "again_after_days",
                half(f"a letter with advice comes to one person every {between} days at most"),
            ),
        )

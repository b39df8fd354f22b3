"""Whoever has access has acknowledged texts in their present version."""

from typing import ClassVar, Literal

from pydantic import Field

from policy.controls._control import Control, Sanction
from policy.parts import Count, Id
from schemas.words import ItemKind


class TextAcknowledged(Control):
    """Nobody gets access before they have acknowledged each of these texts that fits the account.

    `texts`: their ids. `each`: acknowledged once a "person", for all accounts, or once an "account".
    `within_days`: access without it is overdue so many days after the text was sent, or, for texts of an
    account, after access was granted or found. `then`: what is suspended where that is not mended.

    Finds every access without it. Asks the person for it. Never asks twice for the same version.
    """

    missing: ClassVar[tuple[str, ...]] = ("a new version is sent to those who have access already",)
    asks_for: ClassVar[tuple[ItemKind, ...]] = (
        ItemKind.ACKNOWLEDGE_GUIDELINES,
        ItemKind.ACCEPT_RESPONSIBILITY,
    )

    use: Literal["text-acknowledged"] = "text-acknowledged"
    texts: tuple[Id, ...] = Field(min_length=1)
    each: Literal["person", "account"]
    within_days: Count
    then: Sanction | None = None

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        return tuple(("texts", "text", text) for text in self.texts)

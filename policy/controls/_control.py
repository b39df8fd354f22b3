"""What a control is: a kind of the code, with a name and parameters of the policy file."""

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import ConfigDict, Field

from policy.parts import Grace, Id, Ladder, Part, Slug
from schemas.language import half
from schemas.words import ItemKind, Mode

if TYPE_CHECKING:
    from policy.model import Policy


class SanctionOf(StrEnum):
    """What is suspended when a finding is not mended in time."""

    ACCOUNT = "account"
    ACCESS = "access"  # of the one person whom the finding is about


class OneFor(StrEnum):
    """For what there can be one control of a kind only: the code reads the first."""

    LEVEL = "level"
    FILE = "file"


class Sanction(Part):
    """What a finding leads to that is not mended within so many school days after it was announced."""

    suspend: SanctionOf
    after_school_days: Grace


class Control(Part):
    """One instance of a kind. `name` is its name for good: findings, items and audit entries hang on it.

    `levels`: the levels of account that it speaks of; None: every level but people's own accounts.
    A kind says in `missing`, in words, which parts of it the code does not have yet, and in `asks_for` which
    kinds of action item it opens, and in `one_for` where a second of its kind would go unread. `may_observe`:
    all that it does to people follows from what it finds, so that an act can make it observe, and act again.
    """

    model_config = ConfigDict(populate_by_name=True)

    missing: ClassVar[tuple[str, ...]] = ()
    asks_for: ClassVar[tuple[ItemKind, ...]] = ()
    one_for: ClassVar[OneFor | None] = None
    may_observe: ClassVar[bool] = False

    use: str
    name: Annotated[Slug, Field(alias="as")]
    mode: Mode = Mode.ENFORCE
    levels: Annotated[tuple[Id, ...] | None, Field(min_length=1)] = None

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists: the key, what kind of entry ("office", "text" …), and its id.

        A "division office" is an office that must be one of the whole division.
        """
        return ()

    def asks(self) -> tuple[ItemKind, ...]:
        """The kinds of item that this one opens: those of its kind, where it is not set to open none."""
        return self.asks_for

    def reminders(self) -> tuple[tuple[ItemKind, Ladder], ...]:
        """The kinds of item whose reminders stand in it, in days before the due day, the first one too."""
        return ()

    def slips(self, policy: "Policy") -> tuple[tuple[str, str], ...]:
        """What fits and is probably a slip in it: the key, and the end of a sentence that says what to do."""
        del policy
        return ()

    @property
    def is_off(self) -> bool:
        """Whether it is as if it were not there."""
        return self.mode is Mode.OFF

    def set_to(self, mode: Mode, from_on: date) -> Self:
        """The same control in a mode that counts from a day on, a day of the division's zone."""
        del from_on
        return self.model_copy(update={"mode": mode})


def asked_at_once(key: str, before: int, lasts: int | None) -> tuple[tuple[str, str], ...]:
    """The slip of asking so many days before the end of what lasts no longer; none where it does."""
    if lasts is None or before < lasts:
        return ()
    return ((key, half(f"it lasts {lasts} days, so people would be asked again on the day they did it")),)

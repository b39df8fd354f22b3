"""What a control is: a kind of the code, with a name and parameters of the policy file."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from policy.parts import Count, Id, Part, Slug
from schemas.words import ItemKind


class Mode(StrEnum):
    """How far a control goes."""

    ENFORCE = "enforce"
    OBSERVE = "observe"  # finds and reports; asks, tells and suspends nobody
    OFF = "off"  # as if it were not there


class SanctionOf(StrEnum):
    """What is suspended when a finding is not mended in time."""

    ACCOUNT = "account"
    ACCESS = "access"  # of the one person whom the finding is about


class Sanction(Part):
    """What a finding leads to that is not mended within so many school days after it was announced."""

    suspend: SanctionOf
    after_school_days: Count


class Control(Part):
    """One instance of a kind. `name` is its name for good: findings, items and audit entries hang on it.

    `levels`: the levels of account that it speaks of; None: every level but people's own accounts.
    A kind says in `missing`, in words, which parts of it the code does not have yet, and in `asks_for` which
    kinds of action item it opens.
    """

    model_config = ConfigDict(populate_by_name=True)

    missing: ClassVar[tuple[str, ...]] = ()
    asks_for: ClassVar[tuple[ItemKind, ...]] = ()

    use: str
    name: Annotated[Slug, Field(alias="as")]
    mode: Mode = Mode.ENFORCE
    levels: Annotated[tuple[Id, ...] | None, Field(min_length=1)] = None

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists: the key, what kind of entry ("office", "text" …), and its id."""
        return ()

    @property
    def is_off(self) -> bool:
        """Whether it is as if it were not there."""
        return self.mode is Mode.OFF

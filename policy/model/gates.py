"""The gates before access and before an account goes live: 5.2, 5.3, 5.5, 5.6, 6.1, 6.2, 7, 2."""

from datetime import timedelta
from enum import StrEnum

from pydantic import Field, field_validator

from policy.model.base import (
    Address,
    Count,
    Part,
    Slug,
    ToolClause,
    Version,
    Words,
    doubled,
)
from schemas.words import ChannelKind, CustodyMode, Guideline, Platform, ProvidedTool


class Course(Part):
    """The privacy course (5.2). A completion counts through `completed_on` + `valid_days`, that day included.

    `known_as` are the course and activity names under which a learning platform exports it; letter case
    and white space do not matter. `required_for_classroom` is 6.1: one account's own word goes before it.
    `found_grace_school_days`: access that an inventory found without a current completion was never ours to
    refuse; its holder is asked, and has so long before it is suspended. `asked_days_before_lapse`: when
    whoever holds access is asked to renew it; on the last school day before, where that is none.
    """

    id: Slug
    title: Words
    known_as: tuple[Words, ...] = Field(min_length=1)
    valid_days: Count
    found_grace_school_days: Count
    required_for_classroom: bool
    asked_days_before_lapse: Count

    @property
    def validity(self) -> timedelta:
        """How long a completion counts."""
        return timedelta(days=self.valid_days)

    def is_called(self, name: str) -> bool:
        """Whether a learning platform's name for a course or an activity means this one."""
        wanted = " ".join(name.split()).casefold()
        return any(wanted == " ".join(known.split()).casefold() for known in (self.title, *self.known_as))


class GuidelineText(Part):
    """One document of 5.3: its current version, where it stands, and the channels it fits."""

    guideline: Guideline
    version: Version
    address: Address
    fits: tuple[ChannelKind, ...] = Field(min_length=1)


class AcceptanceText(Part):
    """What a person accepts before access (5.6)."""

    version: Version
    text: Words


class CustodyEvidence(StrEnum):
    """What shows that Communications, or the principal, can reach an account (5.5, 6.2)."""

    VAULT_REFERENCE = "vault reference"  # where the credential lies, never the credential
    CUSTODIAN = "custodian is administrator"


class Custody(Part):
    """A custody mode: which evidence shows it, one of them is enough; whether its secret rotates (11)."""

    mode: CustodyMode
    evidence: tuple[CustodyEvidence, ...] = Field(min_length=1)
    rotates: bool


class CheckItem(Part):
    """One setting to look at."""

    id: Slug
    text: Words


class Checklist(Part):
    """The privacy settings that Communications recommends for a platform (7)."""

    platform: Platform
    version: Version
    items: tuple[CheckItem, ...] = Field(min_length=1)

    @field_validator("items")
    @classmethod
    def _once(cls, value: tuple[CheckItem, ...]) -> tuple[CheckItem, ...]:
        if (twice := doubled(tuple(item.id for item in value))) is not None:
            raise ValueError(f"the item {twice} stands here twice")
        return value


class Tool(Part):
    """A tool that the division provides already (2.1-2.4)."""

    tool: ProvidedTool
    clause: ToolClause
    what: Words


class Requests(Part):
    """When a request is complete (2), and how long one may lie (5, 6).

    `abandon_sent_back_days`: nobody mended it. `abandon_unprepared_days`: approved, and yet nobody has
    reported the account.
    """

    tools_considered_at_least: Count
    reason_characters_at_least: Count
    purpose_characters_at_least: Count
    abandon_sent_back_days: Count
    abandon_unprepared_days: Count

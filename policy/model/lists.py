"""The lists of the policy file: courses, texts, notices, tools, ways to keep an account, checklists."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from policy.notice_text import NoticeText, Statement
from policy.parts import Address, Count, Id, Means, Part, Slug, Version, Words, doubled
from schemas.words import ChannelKind, CustodyMode


class Course(Part):
    """A course. A completion counts through `completed_on` + `valid_days`, that day included, or for good.

    `known_as` are the course and activity names under which a learning platform exports it; letter case
    and white space do not matter. `address`: where people take it; letters that ask for it link to it.
    """

    id: Slug
    title: Words
    address: Address | None = None
    known_as: tuple[Words, ...] = Field(min_length=1)
    valid_days: Annotated[Count | None, Means.LASTS] = None

    def counts_through(self, completed_on: date) -> date | None:
        """The last day on which a completion of that day counts; None where it never lapses."""
        return None if self.valid_days is None else completed_on + timedelta(days=self.valid_days)

    def counts_from(self, today: date) -> date:
        """The earliest day of completion that still counts on `today`."""
        return date.min if self.valid_days is None else today - timedelta(days=self.valid_days)

    @property
    def names(self) -> tuple[str, ...]:
        """Its title, and under what else it is known."""
        return tuple(dict.fromkeys((self.title, *self.known_as)))

    def is_called(self, name: str) -> bool:
        """Whether a learning platform's name for a course or an activity means this one."""
        wanted = " ".join(name.split()).casefold()
        return any(wanted == " ".join(known.split()).casefold() for known in self.names)


class Point(Part):
    """One point of a text, and the clause that it is about."""

    clause: str
    text: Words


class Reply(Part):
    """An answer that is ready to be copied: `when` it fits, and its words."""

    when: Words
    text: Words


class Text(Part):
    """A text that people read, acknowledge or accept: by its address, or word for word.

    `fits`: the channels that it is for; all where it names none. `replies`: answers ready to be copied.
    """

    id: Id
    version: Version
    address: Address | None = None
    text: Words | None = None
    fits: tuple[ChannelKind, ...] = ()
    points: tuple[Point, ...] = ()
    replies: tuple[Reply, ...] = ()

    @model_validator(mode="after")
    def _can_be_read(self) -> "Text":
        if self.address is None and self.text is None:
            raise ValueError("give its `text`, or the `address` where it stands")
        return self

    def is_for(self, channel: ChannelKind) -> bool:
        """Whether it fits a channel."""
        return not self.fits or channel in self.fits


class Notice(NoticeText):
    """A notice that pages show, word for word.

    `addresses` are the division's own pages that carry the whole notice: where a short profile should link
    to, and what people are told to link to.
    """

    id: Slug
    addresses: tuple[Address, ...] = Field(min_length=1)

    @field_validator("statements")
    @classmethod
    def _once(cls, value: tuple[Statement, ...]) -> tuple[Statement, ...]:
        if (twice := doubled(tuple(statement.id for statement in value))) is not None:
            raise ValueError(f"the statement {twice} stands here twice")
        for statement in value:
            if not statement.text.strip():
                raise ValueError(f"the statement {statement.id} is empty")
        return value


class CustodyEvidence(StrEnum):
    """What shows that Communications, or the principal, can reach an account ."""

    VAULT_REFERENCE = "vault reference"  # where the credential lies, never the credential
    CUSTODIAN = "custodian is administrator"


class Custody(Part):
    """A custody mode: which evidence shows it, one of them is enough; whether its secret rotates."""

    mode: CustodyMode
    evidence: tuple[CustodyEvidence, ...] = Field(min_length=1)
    rotates: bool


class CheckItem(Part):
    """One setting to look at. `where`: the way to it on the platform, which is no word of the checklist."""

    id: Slug
    text: Words
    where: Words | None = None

    @property
    def step(self) -> str:
        """The setting, and the way to it."""
        return f"{self.text} Where: {self.where}" if self.where else self.text


class Checklist(Part):
    """The privacy settings that Communications recommends for a platform."""

    platform: Id
    version: Version
    items: tuple[CheckItem, ...] = Field(min_length=1)

    @field_validator("items")
    @classmethod
    def _once(cls, value: tuple[CheckItem, ...]) -> tuple[CheckItem, ...]:
        if (twice := doubled(tuple(item.id for item in value))) is not None:
            raise ValueError(f"the item {twice} stands here twice")
        return value


class Ground(Part):
    """What breaks a rule, so that it may be taken down; and the clause that says so.

    That somebody disagrees, criticizes or complains is no ground.
    """

    id: Id
    clause: str
    text: Words

    @model_validator(mode="after")
    def _breaks_a_rule(self) -> "Ground":
        said = f"{self.id} {self.text}".casefold()
        if word := next((one for one in ("disagree", "critici", "complain", "opinion") if one in said), None):
            raise ValueError(f"that somebody disagrees or complains is no ground to take it down ({word}…)")
        return self


class Tool(Part):
    """A tool that the division provides already, and the clause that names it."""

    id: Id
    clause: str
    what: Words

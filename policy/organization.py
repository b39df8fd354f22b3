"""The organization itself: its name, its zone, its hours, its days off, its offices and levels."""

from datetime import date, time
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from policy.parts import Count, Id, Ladder, Part, Words, doubled
from policy.public_holidays import public_holidays
from policy.zones import zone
from schemas.language import SOURCE, spoken, t
from schemas.words import ChannelKind

LONGEST_BREAK_DAYS = 120

#: A domain of the web, in small letters.
Domain = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]


class Organization(Part):
    """Whose policy it is. `zone` is an IANA name; every day and hour in Steward is one of this zone."""

    name: Words
    short_name: Words
    zone: str
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    province: Annotated[str, Field(pattern="^[A-Z0-9]{1,3}$")]
    domain: Domain

    @field_validator("zone")
    @classmethod
    def _is_there(cls, value: str) -> str:
        zone(value)  # its UnknownZone is a ValueError with a sentence
        return value

    @field_validator("province")
    @classmethod
    def _has_holidays(cls, value: str, info: ValidationInfo) -> str:
        try:
            public_holidays(info.data.get("country", ""), value)
        except NotImplementedError:
            raise ValueError("the holidays of this country and province are not known") from None
        return value


class Weekday(StrEnum):
    """A day of the week; `isoweekday` counts Monday as 1."""

    MONDAY = "Monday"
    TUESDAY = "Tuesday"
    WEDNESDAY = "Wednesday"
    THURSDAY = "Thursday"
    FRIDAY = "Friday"
    SATURDAY = "Saturday"
    SUNDAY = "Sunday"

    @property
    def isoweekday(self) -> int:
        """As `date.isoweekday()` counts."""
        return list(Weekday).index(self) + 1


class WorkingHours(Part):
    """When people may be written to about what is not urgent . Times of the division's zone.

    `days_off_end_said_days_before`: so long before the last listed day off, somebody is asked for more.
    """

    days: tuple[Weekday, ...] = Field(min_length=1)
    opens: time
    closes: time
    digest_at: time
    days_off_end_said_days_before: Ladder = (60, 14, 0)

    @field_validator("days")
    @classmethod
    def _once(cls, value: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
        if (twice := doubled(value)) is not None:
            raise ValueError(f"{twice} stands here twice")
        return value

    @field_validator("closes")
    @classmethod
    def _after_opening(cls, value: time, info: ValidationInfo) -> time:
        if "opens" in info.data and value <= info.data["opens"]:
            raise ValueError("the day must close after it opens")
        return value

    @field_validator("digest_at")
    @classmethod
    def _within(cls, value: time, info: ValidationInfo) -> time:
        opens, closes = info.data.get("opens"), info.data.get("closes")
        if opens is not None and closes is not None and not opens <= value < closes:
            raise ValueError("the digest must leave within working hours")
        return value


class AtWork(StrEnum):
    """Who works on one of the division's days off."""

    NOBODY = "nobody"
    DIVISION_OFFICE = "division office"
    ALL_STAFF = "all staff"


class DayOff(Part):
    """Days without school, `first` through `last`; `summer` ones lengthen every deadline unnoticed.

    They come on top of weekends and of the province's holidays, which are not listed.
    """

    name: Words
    first: date
    last: date
    at_work: AtWork = AtWork.NOBODY
    summer: bool = False

    @field_validator("last")
    @classmethod
    def _in_order(cls, value: date, info: ValidationInfo) -> date:
        if "first" in info.data and value < info.data["first"]:
            raise ValueError("the last day must not come before the first")
        if "first" in info.data and (value - info.data["first"]).days > LONGEST_BREAK_DAYS:
            raise ValueError(f"no days off last longer than {LONGEST_BREAK_DAYS} days: look for a slip")
        return value


class Office(Part):
    """An office that people hold: one of the whole division, or one at each school (`at`).

    `roster`: the roles of a roster file that give it, in any letter case. `deputies`: the offices that
    deputize for an absent holder who names nobody; the first that has somebody who is here.
    """

    id: Id
    label: Words
    at: Literal["division", "school"]
    roster: tuple[Words, ...] = ()
    deputies: tuple[Id, ...] = ()


class Duties(Part):
    """Which office does what no clause speaks of.

    `keeps_policy` reads the summary of the night and is asked where an account has nobody else; of the whole
    division, as `runs_steward`, which mends what does not run. `runs_school` answers for the people of a
    school. `gives_offices`: who gives and ends offices.
    `adopts_policy`: who adopts a changed
    policy file. `takes_in_files`: who takes in rosters, completions and lists of accounts, and settles rows.
    """

    keeps_policy: Id
    gives_offices: tuple[Id, ...] = Field(min_length=1)
    adopts_policy: tuple[Id, ...] = Field(min_length=1)
    runs_school: Id
    runs_steward: Id
    takes_in_files: tuple[Id, ...] = Field(min_length=1)


class Level(Part):
    """Whose an account can be: the whole division's, one school's, or one person's own (`at`)."""

    id: Id
    label: Words
    at: Literal["division", "school", "person"]


class OtherLanguages(Part):
    """The file's own words in the languages that people may choose beside English; none where it has none."""

    fr: Words | None = None

    def words(self, language: str) -> str | None:
        """Those in a language."""
        return self.fr if language == "fr" else None


class Platform(Part):
    """Where an account can be. `handles` shows how a handle is written there; one has a space where that has.

    `channel`: what an account there usually is, where a list does not say. `called`: how people call an
    account there, with its handle in the place of `{handle}`; `called_in` says the same in other languages.
    `answer_within_working_hours`: how soon people expect an answer to a question that they ask in public.
    `known_as`: what else people call it, its old names too. `domains`: where its pages are; they are one.
    `never_suspended`: an account there is for emergencies; what is found at it goes to people instead.
    """

    name: Id
    known_as: tuple[Words, ...] = ()
    domains: tuple[Domain, ...] = ()
    handles: Words
    channel: ChannelKind = ChannelKind.SOCIAL_MEDIA
    called: Words | None = None
    called_in: OtherLanguages = OtherLanguages()
    answer_within_working_hours: Count | None = None
    never_suspended: bool = False

    def says(self, handle: str) -> str:
        """An account there as people call it: @lakeside.school on Instagram."""
        bare = handle.strip()
        if self.handles.startswith("@") and " " not in bare:
            bare = "@" + bare.removeprefix("@")
        called = self.called if spoken() == SOURCE else self.called_in.words(spoken())
        if called is None:  # never words of another language than the sentence around them
            return t("{handle} on {platform}", handle=bare, platform=self.name)
        return called.replace("{handle}", bare)

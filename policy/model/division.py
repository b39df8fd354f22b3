"""The division itself: its name, its zone, its hours, its days off and who decides for it."""

from datetime import date, time
from enum import StrEnum
from typing import Annotated, Literal

from holidays import country_holidays
from pydantic import Field, ValidationInfo, field_validator, model_validator

from policy.model.base import Part, Words, doubled
from policy.zones import zone
from schemas.words import Level, RoleKind

LONGEST_BREAK_DAYS = 120


class Division(Part):
    """Whose policy it is. `zone` is an IANA name; every day and hour in Steward is one of this zone."""

    name: Words
    short_name: Words
    zone: str
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    province: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    domain: Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]

    @field_validator("zone")
    @classmethod
    def _is_there(cls, value: str) -> str:
        zone(value)  # its UnknownZone is a ValueError with a sentence
        return value

    @field_validator("province")
    @classmethod
    def _has_holidays(cls, value: str, info: ValidationInfo) -> str:
        try:
            country_holidays(info.data.get("country", ""), subdiv=value)
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
    """When people may be written to about what is not urgent (4). Times of the division's zone."""

    days: tuple[Weekday, ...] = Field(min_length=1)
    opens: time
    closes: time
    digest_at: time

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
            raise ValueError("the digest must leave within working hours (4)")
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
    """Whoever holds a role: anywhere in the division, or at the account's own school."""

    role: RoleKind
    scope: Literal["division", "school"]


class DefaultDeputy(Part):
    """Who deputizes for an absent holder of `role` who names nobody: the first office that has somebody."""

    role: RoleKind
    offices: tuple[Office, ...] = Field(min_length=1)


class Decider(Office):
    """Who decides a request of one level, and who does when every holder is the requester or none is."""

    otherwise: Office


class Deciders(Part):
    """Who decides, by level (1, 5, 6). Personal accounts need nobody (14)."""

    division: Decider
    school: Decider
    classroom: Decider

    @field_validator("division")
    @classmethod
    def _division_wide(cls, value: Decider) -> Decider:
        if "school" in {value.scope, value.otherwise.scope}:
            raise ValueError("a division-wide account has no school whose people could decide")
        return value

    def at(self, level: Level) -> Decider:
        """The decider for a level. Raises ValueError for a personal account: nobody decides those (14)."""
        match level:
            case Level.DIVISION:
                return self.division
            case Level.SCHOOL:
                return self.school
            case Level.CLASSROOM:
                return self.classroom
            case Level.PERSONAL:
                raise ValueError("a personal account needs no decision (14)")


class AdministratorsNeeded(Part):
    """How many administrators an account must have, at least, and who they must be (1, 5.4, 6).

    `holding_role` of them hold `role` at the scope that it has there; for a division account, one whom
    the Superintendent designated counts too when `or_designated`. `others` come on top of those.
    """

    role: RoleKind | None = None
    scope: Literal["division", "school"] = "division"
    holding_role: int = Field(default=0, ge=0, le=20)
    or_designated: bool = False
    others: int = Field(default=0, ge=0, le=20)

    @property
    def at_least(self) -> int:
        """How many people there must be in all."""
        return self.holding_role + self.others

    @model_validator(mode="after")
    def _somebody(self) -> "AdministratorsNeeded":
        if self.holding_role and self.role is None:
            raise ValueError("say which role they hold, in `role`")
        if self.at_least < 1:
            raise ValueError("no account goes without an administrator: set `holding_role` or `others`")
        return self


class Administrators(Part):
    """The administrators needed, by level."""

    division: AdministratorsNeeded
    school: AdministratorsNeeded
    classroom: AdministratorsNeeded

    def at(self, level: Level) -> AdministratorsNeeded:
        """What a level needs. Raises ValueError for a personal account: none are asked (14)."""
        match level:
            case Level.DIVISION:
                return self.division
            case Level.SCHOOL:
                return self.school
            case Level.CLASSROOM:
                return self.classroom
            case Level.PERSONAL:
                raise ValueError("the policy asks no administrators of a personal account (14)")


class Custodians(Part):
    """Who must have a way in beside the administrators: Communications (5.5), the principal (6.2)."""

    division: Office
    school: Office
    classroom: Office

    def at(self, level: Level) -> Office:
        """Whose way in a level needs. Raises ValueError for a personal account (14)."""
        match level:
            case Level.DIVISION:
                return self.division
            case Level.SCHOOL:
                return self.school
            case Level.CLASSROOM:
                return self.classroom
            case Level.PERSONAL:
                raise ValueError("nobody holds custody of a personal account (14)")

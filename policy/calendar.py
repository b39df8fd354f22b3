"""The division's days and hours: when people work, when there is school, when something falls due.

Days are days of the division's zone. Instants go in aware and come out aware, in UTC. No clock is read here.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from holidays import HolidayBase

from policy.organization import AtWork, DayOff
from policy.public_holidays import public_holidays
from policy.zones import zone_data_differs

if TYPE_CHECKING:
    from policy.model import Policy

ONE_DAY = timedelta(days=1)
#: From its first day to its last: a break of a week or more comes again each year.
LONG_BREAK_DAYS = 4


class Calendar:
    """What one policy says about days and hours. Cheap to make: holidays are looked up as years come."""

    def __init__(self, policy: "Policy") -> None:
        self.zone = policy.zone
        self._division = policy.organization
        self._hours = policy.working_hours
        self._weekdays = frozenset(day.isoweekday for day in policy.working_hours.days)
        self._days_off = policy.days_off
        self._asked = datetime.min.replace(tzinfo=UTC), date.min

    @property
    def known_through(self) -> date | None:
        """The last day that the policy file says anything of; None where it lists no day off."""
        return max((off.last for off in self._days_off), default=None)

    def today(self, now: datetime) -> date:
        """The day it is in the division at this instant. Raises ValueError for an instant without a zone."""
        if now is not self._asked[0]:  # a sweep asks for one instant very many times
            self._asked = now, self._local(now).date()
        return self._asked[1]

    def is_working_day(self, day: date, *, office: bool = False) -> bool:
        """Whether staff work: no weekend, no provincial holiday, no day off of theirs.

        `office`: people of the division office, who work on some days when schools are closed.
        """
        if not self._is_business_day(day):
            return False
        match self._off.get(day):
            case None:
                return True
            case DayOff(at_work=AtWork.ALL_STAFF):
                return True
            case DayOff(at_work=AtWork.DIVISION_OFFICE):
                return office
            case _:
                return False

    def is_school_day(self, day: date) -> bool:
        """Whether there is school."""
        if day not in self._school:
            self._school[day] = self._is_business_day(day) and day not in self._off
        return self._school[day]

    def may_take(self, day: date) -> bool:
        """Whether anything may be taken from people or accounts on this day by itself.

        There is school, and the calendar still reaches that day: after its end nobody knows when there is.
        """
        known = self.known_through
        return self.is_school_day(day) and (known is None or day <= known)

    def school_day_by(self, day: date) -> date:
        """The day itself where there is school, else the last school day before it."""
        while not self.is_school_day(day):
            day -= ONE_DAY
        return day

    def last_day_by(self, day: date, today: date, *, school_days: int) -> date:
        """The day to name where something is due on `day`: that one, or the last school day before it.

        Where it has come or gone by, what is asked `today` is given so many school days from now.
        """
        by = self.school_day_by(day)
        return by if by > today else self.due_after(today, school_days=school_days)

    def asked_through(self, today: date, asked_on: Callable[[date], date]) -> date:
        """The last due day that is asked for by `today`.

        `asked_on` says on which day something is asked that is due on a day: not after that day, and never
        earlier for what is due later.
        """
        last = today
        while asked_on(last + ONE_DAY) <= today:
            last += ONE_DAY
        return last

    def is_summer(self, day: date) -> bool:
        """Whether the day lies in a summer break."""
        off = self._off.get(day)
        return off is not None and off.summer

    def next_working_moment(self, now: datetime, *, office: bool = False) -> datetime:
        """This instant if it lies within working hours, else the next opening. In UTC."""
        local = self._local(now)
        opens, closes = self._hours.opens, self._hours.closes
        if self.is_working_day(local.date(), office=office) and opens <= local.time() < closes:
            return now.astimezone(UTC)
        day = local.date() if local.time() < opens else local.date() + ONE_DAY
        while not self.is_working_day(day, office=office):
            day += ONE_DAY
        return datetime.combine(day, opens, self.zone).astimezone(UTC)

    def after_working_hours(self, now: datetime, hours: int) -> datetime:
        """The instant at which so many hours of schools' working time have gone by. In UTC."""
        start, left = self.next_working_moment(now), timedelta(hours=hours)
        while True:
            closes = datetime.combine(self.today(start), self._hours.closes, self.zone).astimezone(UTC)
            if left <= closes - start:
                return start + left
            left -= closes - start
            start = self.next_working_moment(closes)

    def digest_moment(self, now: datetime, *, office: bool = False) -> datetime:
        """When the next daily digest leaves, at this instant or later. In UTC."""
        local = self._local(now)
        day = local.date() if local.time() <= self._hours.digest_at else local.date() + ONE_DAY
        while not self.is_working_day(day, office=office):
            day += ONE_DAY
        return datetime.combine(day, self._hours.digest_at, self.zone).astimezone(UTC)

    def add_school_days(self, day: date, school_days: int) -> date:
        """The day that many school days after `day`, or before it when negative; 0 is the day itself."""
        step = ONE_DAY if school_days > 0 else -ONE_DAY
        left = abs(school_days)
        while left:
            day += step
            left -= self.is_school_day(day)
        return day

    def school_days_after(self, day: date, until: date) -> int:
        """How many school days come after `day`, through `until`; 0 when it is not later."""
        days = (until - day).days
        return sum(self.is_school_day(day + timedelta(days=number)) for number in range(1, days + 1))

    def due_after(self, day: date, *, school_days: int, summer_counts: bool = False) -> date:
        """When something asked on `day` falls due: always a school day, so never in the summer.

        With `summer_counts`, the division office's working days of a summer break count and may be the due
        day. 0 school days: the day itself or the first fitting one after it.
        """
        key = (day, school_days, summer_counts)
        if key not in self._due:
            self._due[key] = self._due_after(day, school_days, summer_counts=summer_counts)
        return self._due[key]

    def _due_after(self, day: date, school_days: int, *, summer_counts: bool) -> date:
        def counts(one: date) -> bool:
            in_summer = summer_counts and self.is_summer(one) and self.is_working_day(one, office=True)
            return in_summer or self.is_school_day(one)

        left = school_days
        while left > 0 or not counts(day):
            day += ONE_DAY
            left -= counts(day)
        return day

    def zone_data_differs(self, now: datetime) -> str | None:
        """A sentence when the machine's own zone data is not what Steward goes by; None when it agrees."""
        return zone_data_differs(self._division.zone, now)

    def _local(self, now: datetime) -> datetime:
        if now.tzinfo is None:
            raise ValueError("an instant without a time zone says nothing about the day")
        return now.astimezone(self.zone)

    def _is_business_day(self, day: date) -> bool:
        return day.isoweekday() in self._weekdays and day not in self._holidays

    @cached_property
    def _school(self) -> dict[date, bool]:
        """Whether there is school, of the days that were asked for: a sweep asks for each many times."""
        return {}

    @cached_property
    def _due(self) -> dict[tuple[date, int, bool], date]:
        """What `due_after` has found."""
        return {}

    @cached_property
    def _holidays(self) -> HolidayBase:
        return public_holidays(self._division.country, self._division.province)

    @cached_property
    def _off(self) -> dict[date, DayOff]:
        listed = {
            off.first + timedelta(days=number): off
            for off in self._days_off
            for number in range((off.last - off.first).days + 1)
        }
        return _Repeated(listed, self.known_through)


class _Repeated(dict[date, DayOff]):
    """The days off that are listed; after the last of them, the long breaks of the latest year again.

    A calendar that ran out would make school days of July and Christmas, and things fall due on them.
    """

    def __init__(self, listed: dict[date, DayOff], known_through: date | None) -> None:
        super().__init__(listed)
        self._known_through = known_through
        breaks = (day for day, off in listed.items() if (off.last - off.first).days >= LONG_BREAK_DAYS)
        self._each_year = {(day.month, day.day): listed[day] for day in sorted(breaks)}

    def get(self, day: date, default: DayOff | None = None) -> DayOff | None:  # type: ignore[override]
        """The day off that a day belongs to; `default` where it is none."""
        found = super().get(day)
        if found is None and self._known_through is not None and day > self._known_through:
            found = self._each_year.get((day.month, day.day))
        return found or default

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.get(day) is not None

"""The division's days and hours, as a table of truths. Times in the tables are the division's own."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import TZPATH, ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.calendar import Calendar
from policy.controls.rotate_secret import RotateSecret
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.credential_rotation import asked_on
from policy.model import AtWork, DayOff, Policy
from policy.training_lapse import asked_to_renew_from
from policy.zones import UnknownZone, zone, zone_data_differs


@pytest.fixture(scope="session")
def calendar(policy: Policy) -> Calendar:
    return Calendar(policy)


def utc(calendar: Calendar, said: str) -> datetime:
    """A moment of the division, "2026-10-20 07:59", as an instant."""
    return datetime.fromisoformat(said).replace(tzinfo=calendar.zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "why", "works", "office_works", "school"),
    [
        (date(2026, 10, 20), "an ordinary Tuesday", True, True, True),
        (date(2026, 10, 24), "a Saturday", False, False, False),
        (date(2026, 10, 25), "a Sunday", False, False, False),
        (date(2026, 10, 12), "Thanksgiving", False, False, False),
        (date(2027, 2, 15), "Family Day, which only some provinces have", False, False, False),
        (date(2027, 5, 24), "Victoria Day", False, False, False),
        (date(2026, 9, 25), "a professional development day", True, True, False),
        (date(2026, 9, 30), "a day on which the division closes", False, False, False),
        (date(2026, 11, 10), "in the fall break", False, True, False),
        (date(2026, 11, 11), "Remembrance Day within the fall break", False, False, False),
        (date(2026, 12, 23), "in the winter break", False, False, False),
        (date(2027, 1, 4), "the first day after it", True, True, True),
        (date(2026, 7, 15), "in the summer break", False, True, False),
        (date(2026, 7, 1), "Canada Day in the summer break", False, False, False),
        (date(2026, 8, 31), "the organizational day before school", True, True, False),
        (date(2026, 9, 1), "the first day of school", True, True, True),
        (date(2028, 2, 29), "a leap day, years ahead", True, True, True),
        (date(2027, 7, 1), "a holiday of a year not looked up before", False, False, False),
    ],
)
def test_days(
    calendar: Calendar, day: date, why: str, *, works: bool, office_works: bool, school: bool
) -> None:
    assert calendar.is_working_day(day) is works, why
    assert calendar.is_working_day(day, office=True) is office_works, why
    assert calendar.is_school_day(day) is school, why


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        ("2026-10-20 10:00", "2026-10-20 10:00"),  # within hours: at once
        ("2026-10-20 08:00", "2026-10-20 08:00"),  # the first moment counts
        ("2026-10-20 07:59", "2026-10-20 08:00"),
        ("2026-10-20 16:29", "2026-10-20 16:29"),
        ("2026-10-20 16:30", "2026-10-21 08:00"),  # closing time does not
        ("2026-10-20 23:50", "2026-10-21 08:00"),
        ("2026-10-21 00:10", "2026-10-21 08:00"),
        ("2026-10-23 17:00", "2026-10-26 08:00"),  # over a weekend
        ("2026-10-09 17:00", "2026-10-13 08:00"),  # over Thanksgiving
        ("2026-09-29 16:45", "2026-10-01 08:00"),  # over the division's own day off
        ("2026-09-24 20:00", "2026-09-25 08:00"),  # staff work on a professional development day
        ("2026-12-18 16:30", "2027-01-04 08:00"),  # over the winter break and the new year
        ("2027-06-29 16:30", "2027-08-30 08:00"),  # over the summer
    ],
)
def test_what_is_not_urgent_leaves_within_working_hours(calendar: Calendar, now: str, leaves: str) -> None:
    assert calendar.next_working_moment(utc(calendar, now)) == utc(calendar, leaves)


def test_the_division_office_is_written_to_in_the_summer(calendar: Calendar) -> None:
    now = utc(calendar, "2026-07-02 20:00")
    assert calendar.next_working_moment(now, office=True) == utc(calendar, "2026-07-03 08:00")
    assert calendar.next_working_moment(now) == utc(calendar, "2026-08-31 08:00")
    assert calendar.digest_moment(now, office=True) == utc(calendar, "2026-07-03 08:15")


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        ("2026-10-20 08:14", "2026-10-20 08:15"),
        ("2026-10-20 08:15", "2026-10-20 08:15"),
        ("2026-10-20 08:16", "2026-10-21 08:15"),
        ("2026-10-23 12:00", "2026-10-26 08:15"),
        ("2026-12-18 08:16", "2027-01-04 08:15"),
    ],
)
def test_the_digest_leaves_once_a_working_day(calendar: Calendar, now: str, leaves: str) -> None:
    assert calendar.digest_moment(utc(calendar, now)) == utc(calendar, leaves)


def test_eight_in_winter_is_fourteen_utc_because_alberta_stopped_changing_its_clocks(
    calendar: Calendar,
) -> None:
    """The last autumn in which clocks went back was 2025's."""
    before = datetime(2025, 12, 1, 4, 0, tzinfo=UTC)
    after = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
    assert calendar.next_working_moment(before) == datetime(2025, 12, 1, 15, 0, tzinfo=UTC)
    assert calendar.next_working_moment(after) == datetime(2026, 12, 1, 14, 0, tzinfo=UTC)


def test_the_day_is_the_divisions_and_not_greenwichs(calendar: Calendar) -> None:
    assert calendar.today(datetime(2026, 10, 21, 5, 59, tzinfo=UTC)) == date(2026, 10, 20)
    assert calendar.today(datetime(2026, 10, 21, 6, 0, tzinfo=UTC)) == date(2026, 10, 21)


def test_an_instant_without_a_zone_is_refused(calendar: Calendar) -> None:
    naive = datetime(2026, 10, 20, 10, 0)  # noqa: DTZ001 - the point of the test
    for asked in (calendar.today, calendar.next_working_moment, calendar.digest_moment):
        with pytest.raises(ValueError, match="without a time zone"):
            asked(naive)


@pytest.mark.parametrize(
    ("day", "school_days", "then"),
    [
        (date(2026, 10, 20), 0, date(2026, 10, 20)),
        (date(2026, 10, 20), 1, date(2026, 10, 21)),
        (date(2026, 10, 20), 5, date(2026, 10, 27)),
        (date(2026, 10, 9), 1, date(2026, 10, 13)),  # Thanksgiving
        (date(2026, 12, 18), 1, date(2027, 1, 4)),
        (date(2026, 10, 27), -5, date(2026, 10, 20)),
        (date(2027, 1, 4), -1, date(2026, 12, 18)),
        (date(2026, 10, 24), -1, date(2026, 10, 23)),  # from a Saturday
    ],
)
def test_adding_school_days(calendar: Calendar, day: date, school_days: int, then: date) -> None:
    assert calendar.add_school_days(day, school_days) == then


@pytest.mark.parametrize(
    ("day", "school_days", "due", "due_with_summer"),
    [
        (date(2026, 10, 20), 5, date(2026, 10, 27), date(2026, 10, 27)),
        (date(2026, 10, 24), 0, date(2026, 10, 26), date(2026, 10, 26)),  # no due day on a Saturday
        (date(2026, 9, 25), 0, date(2026, 9, 28), date(2026, 9, 28)),  # nor on a day without school
        (date(2027, 6, 29), 1, date(2027, 8, 30), date(2027, 6, 30)),
        (date(2027, 7, 14), 2, date(2027, 8, 31), date(2027, 7, 16)),
        (date(2026, 6, 30), 1, date(2026, 9, 1), date(2026, 7, 2)),  # Canada Day counts in no case
        (date(2026, 12, 18), 1, date(2027, 1, 4), date(2027, 1, 4)),  # the summer only, not the winter
    ],
)
def test_nothing_falls_due_in_the_summer_unless_asked(
    calendar: Calendar, day: date, school_days: int, due: date, due_with_summer: date
) -> None:
    assert calendar.due_after(day, school_days=school_days) == due
    assert calendar.due_after(day, school_days=school_days, summer_counts=True) == due_with_summer


DAYS = st.dates(date(2026, 8, 1), date(2028, 6, 30))


@given(day=DAYS, school_days=st.integers(0, 40))
@settings(max_examples=100)
def test_due_days_are_school_days_and_counting_back_agrees(
    calendar: Calendar, day: date, school_days: int
) -> None:
    due = calendar.due_after(day, school_days=school_days)
    assert calendar.is_school_day(due)
    assert not calendar.is_summer(due)
    if school_days:
        assert calendar.school_days_after(day, due) == school_days
        assert calendar.add_school_days(day, school_days) == due
    else:
        assert calendar.school_days_after(day, due) == (0 if due == day else 1)


@given(moment=st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)), office=st.booleans())  # noqa: DTZ001
@settings(max_examples=150)
def test_no_message_ever_leaves_outside_working_hours_or_early(
    calendar: Calendar, moment: datetime, *, office: bool
) -> None:
    now = moment.replace(tzinfo=UTC)
    for asked in (calendar.next_working_moment, calendar.digest_moment):
        leaves = asked(now, office=office)
        assert leaves >= now
        assert leaves.tzinfo is UTC
        local = leaves.astimezone(calendar.zone)
        assert calendar.is_working_day(local.date(), office=office)
        assert time(8) <= local.time() < time(16, 30)
        assert asked(leaves, office=office) == leaves


def test_school_days_after_counts_the_last_day_and_not_the_first(calendar: Calendar) -> None:
    assert calendar.school_days_after(date(2026, 10, 20), date(2026, 10, 20)) == 0
    assert calendar.school_days_after(date(2026, 10, 20), date(2026, 10, 19)) == 0
    assert calendar.school_days_after(date(2026, 10, 20), date(2026, 10, 21)) == 1
    assert calendar.school_days_after(date(2026, 12, 18), date(2027, 1, 4)) == 1


def test_another_division_has_its_own_days(policy: Policy) -> None:
    moved = policy.model_copy(
        update={
            "organization": policy.organization.model_copy(update={"province": "QC"}),
            "days_off": (DayOff(name="Fair", first=date(2026, 10, 20), last=date(2026, 10, 20)),),
        }
    )
    calendar = Calendar(moved)
    assert not calendar.is_school_day(date(2026, 10, 20))
    assert calendar.is_school_day(date(2027, 2, 15))  # no Family Day in Quebec
    assert not calendar.is_school_day(date(2026, 6, 24))  # its own national day
    assert moved.days_off[0].at_work is AtWork.NOBODY


OLD_DATA = (
    # Version-2 zone data for a zone that still changes its clocks, as machines with old data have it.
    b"TZif2" + bytes(15) + bytes(24) + b"TZif2" + bytes(15)
    # no leap seconds, no transitions, one type, abbreviation of four bytes
    + b"\0\0\0\0" * 3 + b"\0\0\0\0" + b"\0\0\0\1" + b"\0\0\0\4"
    + (-7 * 3600).to_bytes(4, "big", signed=True) + b"\0\0" + b"MST\0"
    + b"\nMST7MDT,M3.2.0,M11.1.0\n"
)  # fmt: skip


def test_it_says_when_the_machines_zone_data_is_old(
    tmp_path_factory: pytest.TempPathFactory, now: datetime
) -> None:
    folder = tmp_path_factory.mktemp("zoneinfo")
    (folder / "America").mkdir()
    (folder / "America" / "Edmonton").write_bytes(OLD_DATA)
    said = zone_data_differs("America/Edmonton", now, machine=("/nowhere", str(folder)))
    assert said is not None
    assert "from 2026-11-01 on" in said
    assert "Update the machine's" in said


def test_it_says_nothing_when_the_data_agrees_or_there_is_none(
    tmp_path_factory: pytest.TempPathFactory, now: datetime
) -> None:
    folder = tmp_path_factory.mktemp("none")
    assert zone_data_differs("America/Edmonton", now, machine=(str(folder),)) is None
    assert zone_data_differs("Etc/UTC", now, machine=TZPATH) is None


def test_the_package_goes_before_the_machine() -> None:
    """Whatever this machine's own files say, Alberta is at UTC-6 in January 2027."""
    moment = datetime(2027, 1, 15, 12, tzinfo=UTC)
    assert moment.astimezone(zone("America/Edmonton")).utcoffset() == timedelta(hours=-6)
    assert isinstance(zone("America/Edmonton"), ZoneInfo)


@pytest.mark.parametrize(
    "name", ["", "Nowhere/Town", "America", "../etc/passwd", "America/../Etc/UTC", "/etc"]
)
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(UnknownZone, match="no time zone"):
        zone(name)


@pytest.mark.parametrize(
    "today", [date(2026, 10, 20), date(2026, 12, 18), date(2027, 6, 29), date(2027, 7, 15)]
)
def test_what_is_asked_through_is_the_last_due_day_that_is_asked_for(policy: Policy, today: date) -> None:
    calendar = Calendar(policy)
    asks: tuple[Callable[[date], date], ...] = (
        lambda due: asked_on(due, policy.of(RotateSecret)[0].reminders_days_before, calendar),
        lambda due: asked_to_renew_from(due, policy.the(TrainingBeforeAccess), calendar),
    )
    for ask in asks:
        last = calendar.asked_through(today, ask)
        assert ask(last) <= today < ask(last + timedelta(days=1))
        asked = [day for number in range(200) if ask(day := today + timedelta(days=number)) <= today]
        assert asked == [today + timedelta(days=number) for number in range(len(asked))], "none is left out"
        assert asked[-1] == last

"""Due dates as a calendar file: all-day entries that take no time from anybody's day.

An event and not a to-do: the common mail programs show events and pass over to-dos. The same thing asked
again (a reminder, an escalation) has the same UID and a higher sequence, so that it moves and is not doubled.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from icalendar import Calendar, Event

from policy.notices.base import Due


def calendar_file(dues: Sequence[tuple[Due, int]], domain: str, now: datetime) -> bytes:
    """An iCalendar file with one all-day event for each due date; the number is its sequence."""
    newest = {due.key: (due, sequence) for due, sequence in sorted(dues, key=lambda pair: pair[1])}
    events = []
    for due, sequence in newest.values():
        event = Event()
        event.add("uid", f"{due.key}@{domain}")
        event.add("dtstamp", now)
        event.add("sequence", sequence)
        event.add("summary", due.title)
        event.add("dtstart", due.on)
        event.add("dtend", due.on + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
        events.append(event.to_ical())
    begin, end = _around()
    return b"".join([begin, *events, end])


@cache
def _around() -> tuple[bytes, bytes]:
    """What stands before and after the events, the same in each file."""
    calendar = Calendar()
    calendar.add("prodid", "-//Steward//AP 151//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    begin, end, rest = calendar.to_ical().partition(b"END:VCALENDAR")
    return begin, end + rest

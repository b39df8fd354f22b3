"""Daily monitoring (9): which days count, and since when an account has been missed on too many. Pure."""

from datetime import date

from policy.calendar import ONE_DAY, Calendar
from policy.controls.look import Cadence
from policy.model import Policy
from policy.serving import serves


def is_monitored(day: date, policy: Policy, calendar: Calendar) -> bool:
    """Whether accounts must be looked at on this day: a school day, or any day, as the policy says (9)."""
    if day < policy.monitoring.begins_on:
        return False
    return policy.monitoring.on is Cadence.ALL_DAYS or calendar.is_school_day(day)


@serves("9", how="rule")
def looked_at_since(policy: Policy, calendar: Calendar, today: date) -> date | None:
    """The first of the monitored days before `today` on one of which each account must have been looked at.

    They are one more than may be missed in a row; today is not over and does not count. None: monitoring
    has not gone on for so many days yet.
    """
    wanted, day = policy.monitoring.missed_days_allowed + 1, today
    while wanted:
        day -= ONE_DAY
        if day < policy.monitoring.begins_on:
            return None
        wanted -= is_monitored(day, policy, calendar)
    return day


@serves("9", how="lifecycle")
def may_be_said_for(day: date, policy: Policy, today: date) -> bool:
    """Whether somebody may still say `today` that they looked on `day`: not ahead, nor long after."""
    late = (today - day).days
    return 0 <= late <= policy.monitoring.said_late_days_at_most

"""Whether a control may be made to observe or to act, and from when; what a new policy file ends. Pure."""

from datetime import date, datetime, timedelta

from policy.calendar import Calendar
from policy.controls import Control, Rule
from policy.model import Policy
from schemas.words import Mode


def why_not(control: Control) -> str:
    """Why its mode can't be set; empty where it can."""
    if control.is_off:
        return f"{control.name} is off in the policy file: adopt a file in which it is not."
    if control.may_observe:
        return ""
    change = "What it does is changed in the policy file: `steward policy try`, then `adopt`."
    if not isinstance(control, Rule):
        return f"{control.name}, of the kind {control.use}, finds nothing, so it can't only observe. {change}"
    return (
        f"{control.name}, of the kind {control.use}, is a gate or asks ahead of the day, before anything is "
        f"found, so it can't only observe. {change}"
    )


def first_day_to_enforce(calendar: Calendar, now: datetime) -> date:
    """The first day from which a control may be enforced that is announced at `now`.

    The letters leave within schools' working hours; it is the first school day after that day.
    """
    leave_on = calendar.today(calendar.next_working_moment(now))
    return calendar.due_after(leave_on + timedelta(days=1), school_days=0)


def said_anew(before: Policy, after: Policy) -> frozenset[str]:
    """The controls of whose mode a new file says something else than the file before it.

    Those too that it has no more, or that are of another kind in it: what was set for them is over.
    """
    names = {one.name: one for one in after.controls}
    return frozenset(
        one.name
        for one in before.controls
        if (now := names.get(one.name)) is None or (now.use, now.mode) != (one.use, one.mode)
    )


def only_observes(policy: Policy, control: str) -> bool:
    """Whether the policy has a control of this name that only observes."""
    return any(one.name == control and one.mode is Mode.OBSERVE for one in policy.controls)

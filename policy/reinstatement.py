"""What is asked of Communications around a suspension: whether an account comes back, or to take hold of it.

Pure.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from policy.calendar import Calendar
from policy.controls.custody import Custody
from policy.controls.sanction import Suspending
from policy.model import Policy
from policy.notices.findings import ReinstatementWanted
from schemas.outcome import Ask, RoleAt, Step, Subject, Tell
from schemas.words import ItemKind, RoleKind

COMMUNICATIONS = RoleAt(RoleKind.COMMUNICATIONS_OFFICER)


def closed_after(suspended_at: datetime, policy: Policy, calendar: Calendar) -> date:
    """The last day to mend a suspended account; it is closed on a school day after it."""
    last = calendar.today(suspended_at) + timedelta(days=policy.suspension.close_after_days)
    return calendar.due_after(last, school_days=0)


def back_key(subject: Subject, version: int) -> str:
    """The item that asks Communications whether a suspended account comes back; one a suspension."""
    return f"{subject}/v{version}/back"


def ask_for_return(
    subject: Subject,
    version: int,
    because: str,
    policy: Policy,
    calendar: Calendar,
    today: date,
    by_id: int | None = None,
    suspension_id: int | None = None,
) -> tuple[Step, ...]:
    """Ask Communications to decide whether an account comes back that is "mended", or "asked" for."""
    kind = ItemKind.DECIDE_REINSTATEMENT
    due = calendar.due_after(today, school_days=policy.terms(kind).due_school_days)
    key = back_key(subject, version)
    notice = ReinstatementWanted.model_validate(
        {"because": because, "due_on": due, "by_id": by_id, "suspension_id": suspension_id}
    )
    return (
        Ask(key, kind, COMMUNICATIONS, subject, policy.name_of(Suspending), due),
        Tell(notice, COMMUNICATIONS, f"{key}/{because}/{today}", subject),
    )


def hold_key(subject: Subject) -> str:
    """The item that asks Communications to take hold of an account whose last administrator must go."""
    return f"{subject}/hold"


def ask_to_hold(
    subject: Subject, level: str, asked: Collection[str], policy: Policy, calendar: Calendar, today: date
) -> list[Step]:
    """Before the last reachable administrator is cut off, Communications must hold the account itself."""
    if hold_key(subject) in asked:
        return []
    due = calendar.due_after(today, school_days=policy.terms(ItemKind.TAKE_HOLD).due_school_days)
    control = policy.name_of(Custody, level=level)
    return [Ask(hold_key(subject), ItemKind.TAKE_HOLD, COMMUNICATIONS, subject, control, due)]

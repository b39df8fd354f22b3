"""Suspensions that end by themselves: emergency stops that nobody confirms, and what was for a time. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from policy.controls.sanction import Suspending
from policy.model import Policy
from policy.notices.stops import StopToConfirm
from policy.reinstatement import decides_suspensions
from schemas.outcome import Ask, RoleAt, Settle, Step, Subject, Tell
from schemas.words import ItemKind

KIND = ItemKind.DECIDE_REINSTATEMENT


def stopping(policy: Policy) -> tuple[str, ...]:
    """The offices that stop accounts in an emergency; none where the policy has no such stop."""
    return next((one.stopped_by for one in policy.of(Suspending)), ())


def confirmed_by_then(policy: Policy, now: datetime) -> datetime:
    """Until when a stop of this moment is to be confirmed. Raises KeyError where nothing is suspended."""
    return now + timedelta(hours=policy.the(Suspending).confirm_within_hours)


def confirm_key(subject: Subject, version: int) -> str:
    """The item that asks a second office about a stop; one a stop."""
    return f"{subject}/v{version}/stopped"


def asks_to_confirm(key: str) -> bool:
    """Whether an item of this key asks a second office about a stop."""
    return key.endswith("/stopped")


def restore_key(subject: Subject, version: int) -> str:
    """The item that has a stopped account on the list of what is to be brought back."""
    return f"{subject}/v{version}/restore"


def ask_second(
    stopped: Sequence[tuple[Subject, int, int]], others: Sequence[str], policy: Policy, now: datetime
) -> tuple[Step, ...]:
    """Ask another office to confirm what was stopped; one letter for all of it, at once.

    `stopped`: each account, the version that it has since, and its suspension. The day is that of the moment
    at which the stop ends, be it a Saturday: a later one would be too late.
    """
    control, due = policy.name_of(Suspending), policy.calendar.today(confirmed_by_then(policy, now))
    notice = StopToConfirm(
        account_ids=tuple(one.id for one, _, _ in stopped),
        suspension_id=stopped[0][2],
        suspension_ids=tuple(one for _, _, one in stopped),
        due_on=due,
    )
    first = stopped[0][0]
    return (
        *(Ask(confirm_key(one, v), KIND, RoleAt(others[0]), one, control, due) for one, v, _ in stopped),
        *(Tell(notice, RoleAt(one), f"{confirm_key(first, stopped[0][1])}/{one}", first) for one in others),
    )


def confirmed(
    subject: Subject, version: int, through: date | None, policy: Policy, today: date
) -> tuple[Step, ...]:
    """A second office has confirmed a stop: it is on the list of what is to be brought back, and when."""
    due = (
        policy.calendar.due_after(today, school_days=policy.terms(KIND).due_school_days)
        if through is None
        else policy.calendar.due_after(through, school_days=0)
    )
    control, office = policy.name_of(Suspending), decides_suspensions(policy)
    return (
        Settle((confirm_key(subject, version),)),
        Ask(restore_key(subject, version), KIND, office, subject, control, due),
    )


def why_over(
    through: date | None,
    confirm_by: datetime | None,
    confirmed_at: datetime | None,
    today: date,
    now: datetime,
) -> str | None:
    """Why a suspension ends by itself now, as its people read it; None: it stands."""
    if confirm_by is not None and confirmed_at is None and now >= confirm_by:
        return "It was stopped in an emergency, and no second office confirmed that in time."
    if through is not None and today > through:
        return f"It was suspended through {through}, and that day is over."
    return None

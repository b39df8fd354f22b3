"""What happens next with the shared password of one account: nothing yet, or its administrators are asked.

Due a year after the last change, and within the set days once somebody who knows it lost access.
Nobody is ever asked *what* it is. Pure.
"""

from collections.abc import Hashable
from datetime import date, datetime, timedelta

from policy.authority import policy_office
from policy.calendar import Calendar
from policy.controls.rotate_secret import RotateSecret
from policy.model import Policy
from policy.notices.credentials import RotationDue
from policy.parts import Ladder
from schemas.facts import AccessFacts, RotationFacts
from schemas.outcome import NOTHING, Ask, Outcome, RoleAt, Settle, Step, Subject, Tell
from schemas.states import AccountState
from schemas.words import ItemKind, SubjectKind


def learns(access: AccessFacts, policy: Policy, today: date) -> dict[str, date | None]:
    """Whoever is granted access to an account with a shared password knows it from then on.

    The changes of the access's row; none for who knows it already.
    """
    if access.knows_secret or not policy.custody_terms(access.custody).rotates:
        return {}
    return {"knows_secret_since": today, "knows_secret_until": None}


def asked_on(due: date, reminders_days_before: Ladder, calendar: Calendar) -> date:
    """The school day on which people are asked for what is due a year after the last time.

    Reckoned from the school day that they are told: what is due in the summer is asked before it.
    """
    return calendar.school_day_by(calendar.school_day_by(due) - timedelta(days=reminders_days_before[0]))


def change_due(facts: RotationFacts, change: RotateSecret, calendar: Calendar) -> tuple[date, bool]:
    """The day by which the password is to be changed, and whether that is for somebody's loss of access."""
    due = calendar.today(facts.changed_at) + timedelta(days=change.every_days)
    if facts.lost_at is None or facts.lost_at <= facts.changed_at:
        return due, False
    after_loss = calendar.today(facts.lost_at) + timedelta(days=change.after_loss_days)
    return (after_loss, True) if after_loss < due else (due, False)


def alike(facts: RotationFacts, calendar: Calendar) -> Hashable | None:
    """The same for accounts of which all or none are asked now; None for one that is asked already."""
    if facts.asked:
        return None  # the keys of what is asked name accounts and people
    lost = (
        None if facts.lost_at is None or facts.lost_at <= facts.changed_at else calendar.today(facts.lost_at)
    )
    return (facts.account_state, facts.custody, calendar.today(facts.changed_at), lost)


def decide_rotation(facts: RotationFacts, policy: Policy, now: datetime) -> Outcome:
    """Ask every administrator with access when a change is near; who keeps the policy where there is none.

    Asked once a due day: a day that moves, or another administrator, opens other items and drops those
    that no longer fit. Asked on school days, of the year's change on the last one by the day that the policy
    sets; for somebody's loss of access at once. Only live accounts whose custody has a secret are asked for.
    """
    change = policy.first(RotateSecret)
    if change is None:
        return _no_longer(facts)
    subject = Subject(SubjectKind.ACCOUNT, facts.account_id)
    due, for_loss = change_due(facts, change, policy.calendar)
    wanted: dict[str, int | RoleAt] = {}
    today = policy.calendar.today(now)
    near = asked_on(due, change.reminders_days_before, policy.calendar) <= today
    may_ask = for_loss or policy.calendar.is_school_day(today)
    rotates = policy.custody_terms(facts.custody).rotates
    if facts.account_state is AccountState.LIVE and rotates and near:
        begin = f"{subject}/rotate/{due}"
        wanted = {f"{begin}/person:{one}": one for one in facts.administrators} or {
            f"{begin}/office": policy_office(policy)
        }
    stale = tuple(sorted(facts.asked - wanted.keys()))
    steps: list[Step] = [Settle(stale, done=False)] if stale else []
    kind = ItemKind.ROTATE_CREDENTIALS
    days = change.after_loss_days * 5 // 7 if for_loss else policy.terms(kind).due_school_days
    by = policy.calendar.last_day_by(due, today, school_days=days)
    told = RotationDue(due_on=by, because="loss" if for_loss else "year")
    for key, of in wanted.items():
        if key not in facts.asked and may_ask:
            steps += [Ask(key, kind, of, subject, change.name, by), Tell(told, of, key, subject)]
    if not steps:
        return NOTHING
    return Outcome(tuple(steps), "asked to change the password" if wanted else "no longer due")


def _no_longer(facts: RotationFacts) -> Outcome:
    """Under a policy that asks for no change, what was asked before is dropped."""
    asked = tuple(sorted(facts.asked))
    return Outcome((Settle(asked, done=False),), "no longer due") if asked else NOTHING

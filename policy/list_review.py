"""What happens next with the list of an account's administrators, where no password is shared. Pure.

Whoever signs in with an account of their own has no secret to change; what must be right is the platform's
own list of who administers it. Its administrators look at that list as often as the policy says.
"""

from collections.abc import Hashable
from datetime import datetime, timedelta

from policy.authority import policy_office
from policy.calendar import Calendar
from policy.controls.list_review import ListReview
from policy.credential_rotation import asked_on
from policy.model import Policy
from policy.notices.credentials import ListReviewDue
from schemas.facts import ListReviewFacts
from schemas.outcome import NOTHING, Ask, Outcome, RoleAt, Settle, Step, Subject, Tell
from schemas.states import AccountState
from schemas.words import ItemKind, SubjectKind


def alike(facts: ListReviewFacts, calendar: Calendar) -> Hashable | None:
    """The same for accounts of which all or none are asked now; None for one that is asked already."""
    if facts.asked:
        return None  # the keys of what is asked name accounts and people
    return (facts.account_state, facts.custody, calendar.today(facts.reviewed_at))


def decide_review(facts: ListReviewFacts, policy: Policy, now: datetime) -> Outcome:
    """Ask every administrator with access when a review is near; who keeps the policy where there is none.

    Asked once a due day, on a school day: a day that moves, or another administrator, opens other items and
    drops those that no longer fit. Only live accounts whose custody has no secret that rotates are asked for.
    """
    subject, today = Subject(SubjectKind.ACCOUNT, facts.account_id), policy.calendar.today(now)
    review = policy.first(ListReview)
    due = policy.calendar.today(facts.reviewed_at) + timedelta(days=review.every_days if review else 0)
    wanted: dict[str, int | RoleAt] = {}
    if (
        review is not None
        and facts.account_state is AccountState.LIVE
        and not policy.custody_terms(facts.custody).rotates
        and asked_on(due, review.reminders_days_before, policy.calendar) <= today
    ):
        begin = f"{subject}/review/{due}"
        wanted = {f"{begin}/person:{one}": one for one in facts.administrators} or {
            f"{begin}/office": policy_office(policy)
        }
    kind = ItemKind.REVIEW_ADMINISTRATORS
    by = policy.calendar.last_day_by(due, today, school_days=policy.terms(kind).due_school_days)
    told = ListReviewDue(due_on=by, administrator_ids=facts.administrators)
    stale = tuple(sorted(facts.asked - wanted.keys()))
    steps: list[Step] = [Settle(stale, done=False)] if stale else []
    for key, of in wanted.items():
        if key not in facts.asked and policy.calendar.is_school_day(today):
            name = review.name if review else ""
            steps += [Ask(key, kind, of, subject, name, by), Tell(told, of, key, subject)]
    if not steps:
        return NOTHING
    asked = any(isinstance(step, Ask) for step in steps)
    return Outcome(tuple(steps), "asked to review its administrators" if asked else "no longer due")

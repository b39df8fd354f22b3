"""What happens next with the list of an account's administrators, where no password is shared. Pure.

Whoever signs in with an account of their own has no secret to change; what must be right is the platform's
own list of who administers it. Its administrators look at that list as often as the policy says.
"""

from datetime import date, datetime, timedelta

from policy.calendar import Calendar
from policy.controls.list_review import ListReview
from policy.credential_rotation import asked_on
from policy.model import Policy
from policy.notices.credentials import ListReviewDue
from schemas.facts import ListReviewFacts
from schemas.outcome import NOTHING, Ask, Outcome, RoleAt, Settle, Step, Subject, Tell
from schemas.states import AccountState
from schemas.words import ItemKind, RoleKind, SubjectKind


def review_due(facts: ListReviewFacts, policy: Policy, calendar: Calendar) -> date:
    """The day by which the list is to be looked at again."""
    return calendar.today(facts.reviewed_at) + timedelta(days=policy.rotation.review_every_days)


def decide_review(facts: ListReviewFacts, policy: Policy, calendar: Calendar, now: datetime) -> Outcome:
    """Ask every administrator with access when a review is near; Communications where there is none.

    Asked once a due day, on a school day: a day that moves, or another administrator, opens other items and
    drops those that no longer fit. Only live accounts whose custody has no secret that rotates are asked for.
    """
    subject, today = Subject(SubjectKind.ACCOUNT, facts.account_id), calendar.today(now)
    due = review_due(facts, policy, calendar)
    wanted: dict[str, int | RoleAt] = {}
    control = policy.name_of(ListReview)
    reviews = not policy.custody_terms(facts.custody).rotates
    if facts.account_state is AccountState.LIVE and reviews and asked_on(due, policy, calendar) <= today:
        begin = f"{subject}/review/{due}"
        wanted = {f"{begin}/person:{one}": one for one in facts.administrators} or {
            f"{begin}/office": RoleAt(RoleKind.COMMUNICATIONS_OFFICER)
        }
    told = ListReviewDue(due_on=due, administrator_ids=facts.administrators)
    stale = tuple(sorted(facts.asked - wanted.keys()))
    steps: list[Step] = [Settle(stale, done=False)] if stale else []
    for key, of in wanted.items():
        if key not in facts.asked and calendar.is_school_day(today):
            steps += [
                Ask(key, ItemKind.REVIEW_ADMINISTRATORS, of, subject, control, due),
                Tell(told, of, key, subject),
            ]
    if not steps:
        return NOTHING
    asked = any(isinstance(step, Ask) for step in steps)
    return Outcome(tuple(steps), "asked to review its administrators" if asked else "no longer due")

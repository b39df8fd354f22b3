"""What happens on the day on which an account has been live for a year, or for several. Pure."""

from dataclasses import dataclass
from datetime import datetime

from policy.calendar import Calendar
from policy.notices.anniversaries import AccountAnniversary
from schemas.outcome import NOTHING, Outcome, Subject, Tell
from schemas.words import SubjectKind


@dataclass(frozen=True)
class AnniversaryFacts:
    """A live account. `administrators`: who has granted access. `told_at`: when they were last told."""

    account_id: int
    handle: str
    live_since: datetime
    administrators: tuple[int, ...]
    told_at: datetime | None


def decide_anniversary(facts: AnniversaryFacts, calendar: Calendar, now: datetime) -> Outcome:
    """Tell its administrators on the day itself, once. A day of the division's zone."""
    today, since = calendar.today(now), calendar.today(facts.live_since)
    is_today = today.year > since.year and (today.month, today.day) == (since.month, since.day)
    if not is_today or (facts.told_at is not None and calendar.today(facts.told_at) == today):
        return NOTHING
    subject = Subject(SubjectKind.ACCOUNT, facts.account_id)
    notice = AccountAnniversary(years=today.year - since.year)
    cause = f"{subject}/anniversary/{today}"
    told = tuple(Tell(notice, person, cause, subject) for person in facts.administrators)
    return Outcome(told, "told of its anniversary") if told else NOTHING

"""Notices about the daily look at accounts."""

from datetime import date

from policy.controls.look import Look
from policy.notices.base import Action, NoticeContext, NoticeKind, View
from policy.notices.words import day
from schemas.notices import Urgency
from schemas.words import SubjectKind


class LookToday(NoticeKind):
    """To whoever administers accounts: look at them on this day, `on`, and say that you did."""

    urgency = Urgency.LOW
    about = frozenset({SubjectKind.PERSON})

    on: date

    def stale(self, context: NoticeContext) -> str | None:
        """The day is over."""
        return None if context.today() <= self.on else "the day is over"

    def view(self, context: NoticeContext) -> View:
        """Which day, and one answer for all of the person's accounts."""
        action = Action("I looked at all of mine", "Checked in: all of mine", f"I looked on {day(self.on)}.")
        policy = context.policy
        return View(why=policy.why(policy.name_of(Look)), actions=(action,), words={"on": self.on})

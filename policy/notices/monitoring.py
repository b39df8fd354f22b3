"""Notices about the daily look at accounts."""

from datetime import date

from policy.controls.look import Look
from policy.notices.base import Action, NoticeContext, NoticeKind, View
from policy.notices.words import channel, day, place
from schemas.language import t
from schemas.notices import Urgency
from schemas.words import SubjectKind


class LookToday(NoticeKind):
    """To whoever administers these accounts: look at them on this day, `on`, and say that you did."""

    urgency = Urgency.LOW
    about = frozenset({SubjectKind.PERSON})

    on: date
    account_ids: tuple[int, ...] = ()

    def stale(self, context: NoticeContext) -> str | None:
        """The day is over."""
        return None if context.today() <= self.on else "the day is over"

    def view(self, context: NoticeContext) -> View:
        """Which day, the accounts with their pages, and one answer for all of them."""
        action = Action(
            t("I looked at all of mine"),
            t("Checked in: all of mine"),
            t("I looked on {day}.", day=day(self.on)),
        )
        policy, rows = context.policy, context.rows
        accounts = [rows.accounts[one] for one in self.account_ids]
        entries = [
            {
                "channel": channel(one, policy),
                "place": place(one.school_id, rows, policy),
                "address": one.address,
            }
            for one in accounts
        ]
        words = {"on": self.on, "entries": entries}
        return View(why=policy.why(policy.name_of(Look)), actions=(action,), words=words)

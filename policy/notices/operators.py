"""Notices to those who operate Steward."""

from datetime import date
from typing import Literal

from policy.notices.base import NoticeContext, NoticeKind, View
from policy.notices.words import who
from schemas.notices import Urgency
from schemas.words import SubjectKind


class SweepTrouble(NoticeKind):
    """To who operates Steward: the nightly sweep failed, or did not run. `on` is the day that it was seen."""

    about = frozenset({SubjectKind.RULE})

    what: Literal["failed", "missing"]
    on: date

    def view(self, context: NoticeContext) -> View:  # noqa: ARG002 - it looks nothing up
        """What happened, and where its reason stands."""
        return View(why="", words={"what": self.what, "on": self.on})


class CalendarEnds(NoticeKind):
    """To who keeps the policy and who operates Steward: the file knows no day off after a day."""

    about = frozenset({SubjectKind.RULE})

    on: date

    def stale(self, context: NoticeContext) -> str | None:
        """It waited over the holidays until that day was over: a later one says so."""
        waited = context.day_of(context.notice.created_at) < self.on < context.today()
        return "said again" if waited else None

    def view(self, context: NoticeContext) -> View:
        """Until when it reaches."""
        return View(why="", words={"on": self.on, "over": self.on < context.today()})


class ClockSetRight(NoticeKind):
    """To the offices and who operates Steward: somebody said that the clock had run ahead, and why.

    `entries` lie ahead of it, up to the day `latest` of the division's zone.
    """

    urgency = Urgency.URGENT
    about = frozenset({SubjectKind.RULE})

    by_id: int
    entries: int
    latest: date
    reason: str

    def view(self, context: NoticeContext) -> View:
        """Who said it, and how far ahead the clock was."""
        by = context.rows.people[self.by_id]
        words = {"entries": self.entries, "latest": self.latest, "reason": self.reason}
        return View(why="", words={"by": who(by, context.rows, context.policy), **words})


class PolicyAdopted(NoticeKind):
    """To who adopts policies, keeps them or runs Steward: a changed policy file is used from now on.

    `differences` are the first of them, `more` counts the others. `deputy_for_id`: in whose place, where a
    deputy did it.
    """

    about = frozenset({SubjectKind.POLICY})

    by_id: int
    deputy_for_id: int | None = None
    version: str
    before: str
    differences: tuple[str, ...]
    more: int = 0

    def view(self, context: NoticeContext) -> View:
        """Who adopted it, and what it changes."""
        by = context.rows.people.get(self.by_id)
        absent = context.rows.people.get(self.deputy_for_id) if self.deputy_for_id else None
        return View(
            why="",
            words={
                "by": who(by, context.rows, context.policy),
                "deputy_for": absent.name if absent else None,
                "policy": context.policy.document.id,
                "version": self.version,
                "before": self.before,
                "differences": self.differences,
                "more": self.more,
            },
        )

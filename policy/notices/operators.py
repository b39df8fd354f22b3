"""Notices to those who operate Steward."""

from datetime import date
from typing import Literal

from policy.notices.base import NoticeContext, NoticeKind, View
from schemas.words import SubjectKind


class SweepTrouble(NoticeKind):
    """To who operates Steward: the nightly sweep failed, or did not run. `on` is the day that it was seen."""

    about = frozenset({SubjectKind.RULE})

    what: Literal["failed", "missing"]
    on: date

    def view(self, context: NoticeContext) -> View:  # noqa: ARG002 - it looks nothing up
        """What happened, and where its reason stands."""
        return View(why="", words={"what": self.what, "on": self.on})

"""Notices about what the public asks, and what is said in public that is wrong."""

from datetime import date
from typing import Any, Literal

from policy.notices.base import Action, NoticeContext, NoticeKind, View, due
from policy.notices.words import channel, place
from schemas.language import at_time, t
from schemas.notices import Urgency
from schemas.words import ItemKind, SubjectKind


class EnquiryWaits(NoticeKind):
    """To whoever administers an account: somebody of the public asked something there."""

    about = frozenset({SubjectKind.ACCOUNT})
    asks = ItemKind.ANSWER_PUBLIC

    enquiry_id: int
    control: str
    due_on: date

    def stale(self, context: NoticeContext) -> str | None:
        """It is answered or closed."""
        return None if context.rows.enquiries[self.enquiry_id].ended_at is None else "enquiry ended"

    def view(self, context: NoticeContext) -> View:
        """What was asked, where, and until when people expect an answer."""
        account, policy = context.account, context.policy
        asked = context.rows.enquiries[self.enquiry_id]
        what = t(
            "Question {enquiry_id} at {channel}", enquiry_id=self.enquiry_id, channel=channel(account, policy)
        )
        actions = (
            Action(t("Answered in public"), t("{what}: answered in public", what=what), t("Answered on: ")),
            Action(t("Answered directly"), t("{what}: answered directly", what=what), t("Answered on: ")),
            Action(t("It needs no answer"), t("{what}: no answer", what=what), t("Why: ")),
        )
        by = asked.due_at.astimezone(policy.zone)
        return View(
            why=context.why(self.control),
            due=due(
                ItemKind.ANSWER_PUBLIC,
                SubjectKind.ACCOUNT,
                context.subject_id,
                t("Answer the public at {channel}", channel=channel(account, policy)),
                self.due_on,
            ),
            actions=actions,
            words={
                "channel": channel(account, policy),
                "place": place(account.school_id, context.rows, policy),
                "asks": asked.asks,
                "address": asked.address,
                "asked_on": context.day_of(asked.asked_at),
                "by": at_time(by),
                "late": asked.due_at < context.now,
            },
        )


class CorrectionWanted(NoticeKind):
    """To the office that puts it right: something misleading is said in public, and its next step."""

    about = frozenset({SubjectKind.CORRECTION})
    asks = ItemKind.CORRECT

    control: str
    step: Literal["acknowledge", "correct"]
    due_on: date

    def view(self, context: NoticeContext) -> View:
        """What is said, where, what is right, and what to do by when."""
        what = t("Report {number} of what is misleading", number=context.subject_id)
        acknowledging = self.step == "acknowledge"
        label = t("It is acknowledged") if acknowledging else t("It is corrected")
        done = t("acknowledged") if acknowledging else t("corrected")
        return View(
            why=context.why(self.control),
            due=due(
                ItemKind.CORRECT,
                SubjectKind.CORRECTION,
                context.subject_id,
                f"{what}: {t(self.step)}",
                self.due_on,
            ),
            actions=(
                Action(label, f"{what}: {done}", t("Where and how: ")),
                Action(t("It needs no correction"), t("{what}: none needed", what=what), t("Why: ")),
            ),
            words={**_correction(context), "step": self.step},
        )


class CorrectionNews(NoticeKind):
    """To whoever reported it: what is misleading was acknowledged, corrected, or needs no correction."""

    urgency = Urgency.LOW
    about = frozenset({SubjectKind.CORRECTION})
    is_news = True

    control: str
    step: Literal["acknowledged", "corrected", "no correction needed"]

    def view(self, context: NoticeContext) -> View:
        """Which step, and what was said of it."""
        return View(why=context.why(self.control), words={**_correction(context), "step": self.step})


def _correction(context: NoticeContext) -> dict[str, Any]:
    reported = context.rows.corrections[context.subject_id]
    account = context.rows.accounts.get(reported.account_id or 0)
    return {
        "number": context.subject_id,
        "where": channel(account, context.policy) if account else "",
        "says": reported.says,
        "stranger": reported.reported_by_id is None,
        "right": reported.right,
        "address": reported.address,
        "outcome": reported.outcome,
        "reported_on": context.day_of(reported.reported_at),
    }

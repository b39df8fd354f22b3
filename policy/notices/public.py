"""Notices about what the public asks."""

from datetime import date

from policy.notices.base import Action, NoticeContext, NoticeKind, View, due
from policy.notices.words import channel, place
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
        what = f"Question {self.enquiry_id} at {channel(account, policy)}"
        actions = (
            Action("Answered in public", f"{what}: answered in public", "Answered on: "),
            Action("Answered directly", f"{what}: answered directly", "Answered on: "),
            Action("It needs no answer", f"{what}: no answer", "Why: "),
        )
        by = asked.due_at.astimezone(policy.zone)
        return View(
            why=context.why(self.control),
            due=due(
                ItemKind.ANSWER_PUBLIC,
                SubjectKind.ACCOUNT,
                context.subject_id,
                f"Answer the public at {channel(account, policy)}",
                self.due_on,
            ),
            actions=actions,
            words={
                "channel": channel(account, policy),
                "place": place(account.school_id, context.rows, policy),
                "asks": asked.asks,
                "address": asked.address,
                "asked_on": context.day_of(asked.asked_at),
                "by": f"{by:%H:%M}",
                "late": asked.due_at < context.now,
            },
        )

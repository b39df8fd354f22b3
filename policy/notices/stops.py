"""The notice about accounts that were stopped in an emergency: a second office confirms it."""

from datetime import date

from pydantic import Field

from policy.controls.sanction import Suspending
from policy.notices.accounts import OfAccount, action
from policy.notices.base import NoticeContext, View, due
from policy.notices.words import channel, moment, place
from schemas.language import t
from schemas.notices import Urgency
from schemas.words import ItemKind, SubjectKind


class StopToConfirm(OfAccount):
    """To a second office: these accounts were stopped, why, and until when it is to be confirmed.

    `suspension_id` is that of the first one: the reason and the moment are the same for all.
    """

    urgency = Urgency.URGENT

    account_ids: tuple[int, ...] = Field(min_length=1)
    suspension_id: int
    due_on: date

    def stale(self, context: NoticeContext) -> str | None:
        """It is confirmed, or over."""
        stop = context.rows.suspensions[self.suspension_id]
        if stop.confirmed_at is not None:
            return "stop confirmed"
        return None if stop.ended_at is None else "stop ended"

    def view(self, context: NoticeContext) -> View:
        """What was stopped, why, and the two answers."""
        rows, policy, account = context.rows, context.policy, context.account
        stop = rows.suspensions[self.suspension_id]
        known = [rows.accounts[one] for one in self.account_ids if one in rows.accounts]
        title = t("Confirm that {channel} was stopped", channel=channel(account, policy))
        return View(
            why=context.why_of(Suspending, account.level),
            due=due(
                ItemKind.DECIDE_REINSTATEMENT, SubjectKind.ACCOUNT, context.subject_id, title, self.due_on
            ),
            actions=tuple(
                action(
                    label,
                    account,
                    said,
                    t("Accounts {numbers}: {said}. ", numbers=numbers, said=said),
                    policy,
                )
                for numbers in [", ".join(str(one.id) for one in known)]
                for label, said in (
                    (t("I confirm it"), t("confirmed")),
                    (t("It comes back"), t("comes back")),
                )
            ),
            words={
                **self.named(context),
                "accounts": [
                    f"{channel(one, policy)} ({place(one.school_id, rows, policy)})" for one in known
                ],
                "confirm_by": moment(stop.confirm_by, policy.zone),
                "through": stop.through,
                "reason": stop.reason,
            },
        )

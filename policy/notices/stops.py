"""The notice about accounts that were stopped in an emergency: a second office confirms it."""

from datetime import date

from pydantic import Field

from policy.controls.sanction import Suspending
from policy.notices.accounts import OfAccount, action
from policy.notices.base import NoticeContext, Rows, View, due
from policy.notices.words import channel, moment, place, who
from schemas.findings import Suspension
from schemas.language import t, tn
from schemas.machinery import Notice
from schemas.notices import Urgency
from schemas.words import ItemKind, SubjectKind


class StopToConfirm(OfAccount):
    """To a second office: these accounts were stopped, by whom and why, and until when it is to be confirmed.

    `suspension_id` is that of the first one, `suspension_ids` those of all: who stopped them, the reason and
    the moment are the same. One may be back or confirmed before the others: then the letter is about these.
    """

    urgency = Urgency.URGENT
    leaves_alone = True
    asks = ItemKind.DECIDE_REINSTATEMENT

    account_ids: tuple[int, ...] = Field(min_length=1)
    suspension_id: int
    suspension_ids: tuple[int, ...] = ()
    due_on: date

    def asks_about(self, notice: Notice) -> set[tuple[SubjectKind, int]]:
        """Each of the accounts."""
        return super().asks_about(notice) | {(SubjectKind.ACCOUNT, one) for one in self.account_ids}

    def stale(self, context: NoticeContext) -> str | None:
        """None of them waits any more: each is confirmed, or over."""
        if self._waiting(context.rows):
            return None
        over = all(one.ended_at is not None for one in self._stops(context.rows))
        return "stop ended" if over else "stop confirmed"

    def _stops(self, rows: Rows) -> list[Suspension]:
        return [rows.suspensions[one] for one in self.suspension_ids or (self.suspension_id,)]

    def _waiting(self, rows: Rows) -> list[Suspension]:
        """Those that are still to be confirmed."""
        return [one for one in self._stops(rows) if one.confirmed_at is None and one.ended_at is None]

    def view(self, context: NoticeContext) -> View:
        """What was stopped, by whom and why, and the two answers."""
        rows, policy = context.rows, context.policy
        waiting = self._waiting(rows) or self._stops(rows)
        stop, accounts = waiting[0], [rows.accounts[one.account_id] for one in waiting]
        first, until = accounts[0], moment(stop.confirm_by, policy.zone)
        numbers = ", ".join(str(one.id) for one in accounts)
        title = tn(
            "Confirm by {until} that {channel} was stopped",
            "Confirm by {until} that {channel} and {more} more were stopped",
            len(accounts),
            until=until,
            channel=channel(first, policy),
            more=len(accounts) - 1,
        )
        return View(
            why=context.why_of(Suspending, first.level),
            due=due(self.asks, SubjectKind.ACCOUNT, first.id or 0, title, self.due_on),
            actions=tuple(
                action(
                    label,
                    first,
                    said,
                    tn(
                        "Account {numbers}: {said}. ",
                        "Accounts {numbers}: {said}. ",
                        len(accounts),
                        numbers=numbers,
                        said=said,
                    ),
                    policy,
                )
                for label, said in (
                    (t("I confirm it"), t("confirmed")),
                    (t("It comes back"), t("comes back")),
                )
            ),
            words={
                "channel": channel(first, policy),
                "place": place(first.school_id, rows, policy),
                "accounts": [
                    f"{channel(one, policy)} ({place(one.school_id, rows, policy)})" for one in accounts
                ],
                "by": who(rows.people.get(stop.decided_by_id or 0), rows, policy),
                "office": policy.label(stop.stop_office or ""),
                "since": moment(stop.suspended_at, policy.zone),
                "confirm_by": until,
                "through": stop.through,
                "reason": stop.reason,
            },
        )

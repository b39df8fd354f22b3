"""Notices about what a person changes at an account: who administers it, what it is called, whose it is."""

from datetime import date
from typing import Literal

from policy.controls.approval import Approval
from policy.notices.access import OfAccess
from policy.notices.accounts import OfAccount, action
from policy.notices.base import NoticeContext, View
from policy.notices.words import place, short, who
from schemas.words import AccessEnd, Changed


class AccessEnds(OfAccess):
    """To the person, and to the others who run the account: an access ends, by a decision or a designation.

    `ends_on`: its last day. `change_id`: the decision of `by_id`, with its reason.
    """

    ends_on: date
    because: AccessEnd
    by_id: int | None = None
    change_id: int | None = None

    def stale(self, context: NoticeContext) -> str | None:
        """It was taken back, or another day was set."""
        return None if context.access.ends_on == self.ends_on else "access moved on"

    def view(self, context: NoticeContext) -> View:
        """Who decided it, why, and how to object."""
        account, rows = context.account, context.rows
        objection = action("Please keep the access", account, "keep an access", "Why: ", context.policy)
        return View(
            why=context.why_of(Approval, account.level),
            actions=(objection,),
            words={
                **self.named(context),
                "ends_on": self.ends_on,
                "because": self.because.value,
                "by": who(rows.people.get(self.by_id), rows, context.policy) if self.by_id else "",
                "reason": rows.changes[self.change_id].reason if self.change_id else "",
            },
        )


class AccountCloses(OfAccount):
    """To everybody concerned: somebody decided that the account is closed after its last day."""

    closes_on: date
    by_id: int
    change_id: int

    def stale(self, context: NoticeContext) -> str | None:
        """It was taken back, or another day was set."""
        return None if context.account.closes_on == self.closes_on else "not to be closed"

    def view(self, context: NoticeContext) -> View:
        """Who decided it, why, and how to object."""
        account, rows = context.account, context.rows
        objection = action("Please keep the account", account, "keep it", "Why: ", context.policy)
        return View(
            why=context.why_of(Approval, account.level),
            actions=(objection,),
            words={
                **self.named(context),
                "closes_on": self.closes_on,
                "by": who(rows.people.get(self.by_id), rows, context.policy),
                "reason": rows.changes[self.change_id].reason,
            },
        )


class AccountChanged(OfAccount):
    """To everybody concerned: what somebody changed at the account, and why. There is nothing to do.

    `administrator_ids`: whom it is about, where it is about people.
    """

    what: Literal["renamed", "moved", "named", "stays", "not closed", "opened again"]
    by_id: int
    change_id: int
    administrator_ids: tuple[int, ...] = ()

    def view(self, context: NoticeContext) -> View:
        """What it was before, and what it is now."""
        account, rows, policy = context.account, context.rows, context.policy
        change = rows.changes[self.change_id]
        before = change.before
        if change.what is Changed.SCHOOL:
            before = place(int(before) if before else None, rows, policy)
        return View(
            why=context.why_of(Approval, account.level),
            words={
                **self.named(context),
                "what": self.what,
                "changed": change.what.value,
                "before": short(before),
                "by": who(rows.people.get(self.by_id), rows, policy),
                "people": [who(rows.people.get(one), rows, policy) for one in self.administrator_ids],
                "reason": change.reason,
            },
        )

"""Notices about how long an account has been there."""

from policy.controls.look import Look
from policy.notices.accounts import OfAccount
from policy.notices.base import NoticeContext, View
from schemas.notices import Urgency


class AccountAnniversary(OfAccount):
    """To its administrators, once a year: the account has been live for so many years."""

    urgency = Urgency.LOW

    years: int

    def view(self, context: NoticeContext) -> View:
        """Which account, and for how long."""
        return View(
            why=context.why_of(Look, context.account.level),
            words={**self.named(context), "years": self.years},
        )

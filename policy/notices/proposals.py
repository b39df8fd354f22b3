"""The notice about somebody who was named for an account, and whom the office that approves decides on."""

from datetime import date

from policy.controls.approval import Approval
from policy.notices.access import OfAccess
from policy.notices.accounts import action
from policy.notices.base import NoticeContext, View, due
from policy.notices.words import channel, who
from schemas.language import t
from schemas.words import ItemKind, SubjectKind


class AdministratorToDecide(OfAccess):
    """To the office that approves such accounts: `by_id` named somebody to administer one. Decide on them."""

    asks = ItemKind.DECIDE_REQUEST

    by_id: int
    due_on: date

    def view(self, context: NoticeContext) -> View:
        """Who, for which account, named by whom, and the two answers."""
        rows, policy, account = context.rows, context.policy, context.account
        person = who(rows.people.get(context.access.person_id), rows, policy)
        title = t("Decide who administers {channel}", channel=channel(account, policy))
        return View(
            why=context.why_of(Approval, account.level),
            due=due(self.asks, SubjectKind.ACCESS, context.subject_id, title, self.due_on),
            actions=tuple(
                action(label, account, t("{said}: {person}", said=said, person=person), t("Reason: "), policy)
                for label, said in ((t("Approve"), t("approved")), (t("Decline"), t("declined")))
            ),
            words={
                **self.named(context),
                "person": person,
                "by": who(rows.people.get(self.by_id), rows, policy),
            },
        )

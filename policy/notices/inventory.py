"""Notices about a school's list of accounts."""

from datetime import date

from policy.controls.inventory import Inventory
from policy.notices.base import Action, NoticeContext, NoticeKind, View, due
from policy.notices.words import channel, who
from schemas.words import ItemKind, SubjectKind


class ListToConfirm(NoticeKind):
    """To a school's administration: are these its accounts, and these the people who administer them?

    `account_ids` and, in the same order, `holders`: the people with access to each.
    """

    about = frozenset({SubjectKind.SCHOOL})
    asks = ItemKind.CONFIRM_LIST

    due_on: date
    account_ids: tuple[int, ...]
    holders: tuple[tuple[int, ...], ...]

    def view(self, context: NoticeContext) -> View:
        """Each account with its people; those that ended since are left out."""
        rows, policy = context.rows, context.policy
        school = rows.schools[context.subject_id]
        control = policy.name_of(Inventory)
        people = dict(zip(self.account_ids, self.holders, strict=True))
        listed = [
            {
                "channel": channel(rows.accounts[number], policy),
                "state": str(rows.accounts[number].state),
                "people": [who(rows.people.get(one), rows, policy) for one in people[number]],
            }
            for number in self.account_ids
            if number in rows.accounts
        ]
        what = f"List of {school.name}"
        body = "Not ours, or no longer in use: \nMissing (address, or handle and platform): "
        return View(
            why=context.why(control) if control else "",
            due=due(
                ItemKind.CONFIRM_LIST,
                SubjectKind.SCHOOL,
                context.subject_id,
                f"Confirm the accounts of {school.name}",
                self.due_on,
            ),
            actions=(
                Action("The list is right", f"{what}: it is right", "It is right as it stands."),
                Action("Something is different", f"{what}: changes", body),
            ),
            words={"school": school.name, "listed": listed},
        )

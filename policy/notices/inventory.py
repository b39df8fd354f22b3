"""Notices about a school's list of accounts, and pages that nobody approved."""

from datetime import date

from policy.controls.inventory import Inventory
from policy.notices.base import Action, NoticeContext, NoticeKind, View, due
from policy.notices.words import channel, place, who
from schemas.language import t
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
                "state": t(rows.accounts[number].state.value),
                "people": [who(rows.people.get(one), rows, policy) for one in people[number]],
            }
            for number in self.account_ids
            if number in rows.accounts
        ]
        what = t("List of {school}", school=school.name)
        body = t("Not ours, or no longer in use: \nMissing (address, or handle and platform): ")
        return View(
            why=context.why(control) if control else "",
            due=due(
                ItemKind.CONFIRM_LIST,
                SubjectKind.SCHOOL,
                context.subject_id,
                t("Confirm the accounts of {school}", school=school.name),
                self.due_on,
            ),
            actions=(
                Action(
                    t("The list is right"),
                    t("{what}: it is right", what=what),
                    t("It is right as it stands."),
                ),
                Action(t("Something is different"), t("{what}: changes", what=what), body),
            ),
            words={"school": school.name, "listed": listed},
        )


class PageToSettle(NoticeKind):
    """To the administration of the school that a page seems to belong to: nobody approved it."""

    about = frozenset({SubjectKind.PAGE})
    asks = ItemKind.SETTLE_PAGE

    control: str
    due_on: date

    def view(self, context: NoticeContext) -> View:
        """Which page, what was said of it, and the three ways on."""
        page = context.rows.pages[context.subject_id]
        what = t("Page {number} without approval", number=context.subject_id)
        return View(
            why=context.why(self.control),
            due=due(
                ItemKind.SETTLE_PAGE,
                SubjectKind.PAGE,
                context.subject_id,
                t("Adopt or shut page {number}", number=context.subject_id),
                self.due_on,
            ),
            actions=(
                Action(
                    t("We want to keep it"),
                    t("{what}: keep it", what=what),
                    t("Who administers it, and what for: "),
                ),
                Action(t("It is shut"), t("{what}: it is shut", what=what), t("Shut on: ")),
                Action(t("It is not ours"), t("{what}: not ours", what=what), t("How you know: ")),
            ),
            words={
                "number": context.subject_id,
                "address": page.address,
                "says": page.says,
                "stranger": page.reported_by_id is None,
                "school": place(page.school_id, context.rows, context.policy),
                "reported_on": context.day_of(page.reported_at),
            },
        )

"""Notices about who can get in: the shared password, and the list of administrators."""

from datetime import date
from typing import Any, Literal

from policy.controls.list_review import ListReview
from policy.controls.rotate_secret import RotateSecret
from policy.notices.accounts import OfAccount, action
from policy.notices.base import NoticeContext, View, due
from policy.notices.words import channel, who
from schemas.language import t
from schemas.notices import Urgency
from schemas.words import ItemKind, SubjectKind


class RotationDue(OfAccount):
    """To its administrators: the shared password is to be changed, why and until when. Never what it is."""

    asks = ItemKind.ROTATE_CREDENTIALS

    due_on: date
    because: Literal["year", "loss"]

    def view(self, context: NoticeContext) -> View:
        """Why it is due."""
        account = context.account
        title = t("Change the password of {channel}", channel=channel(account, context.policy))
        body = t("Changed on: \nName of its entry in the vault (never the password): ")
        return View(
            why=context.why_of(RotateSecret, account.level),
            due=due(self.asks, SubjectKind.ACCOUNT, context.subject_id, title, self.due_on),
            actions=(
                action(t("It is changed"), account, t("the password is changed"), body, context.policy),
            ),
            words={**self.named(context), "because": self.because},
        )


class Rotated(OfAccount):
    """To whoever must have the new password: when it was changed. Never to what.

    `due_on`: by then they confirm to have it.
    """

    asks = ItemKind.CONFIRM_ROTATION

    rotated_on: date
    rotated_by_id: int
    due_on: date

    def view(self, context: NoticeContext) -> View:
        """When it was changed."""
        account = context.account
        title = t("Confirm the new password of {channel}", channel=channel(account, context.policy))
        body = t("I have taken the new password from the vault.")
        return View(
            why=context.why_of(RotateSecret, account.level),
            due=due(self.asks, SubjectKind.ACCOUNT, context.subject_id, title, self.due_on),
            actions=(
                action(t("I have the new one"), account, t("I have the new password"), body, context.policy),
            ),
            words={**self.named(context), "rotated_on": self.rotated_on},
        )


class ListReviewDue(OfAccount):
    """To its administrators: the list of them on the platform is to be compared with ours."""

    asks = ItemKind.REVIEW_ADMINISTRATORS

    due_on: date
    administrator_ids: tuple[int, ...]

    def view(self, context: NoticeContext) -> View:
        """Who should be there."""
        account, rows = context.account, context.rows
        title = t("Look at who administers {channel}", channel=channel(account, context.policy))
        body = t("I looked on the platform. Who no longer administers it (nobody, if left empty): ")
        people = [who(rows.people.get(one), rows, context.policy) for one in self.administrator_ids]
        return View(
            why=context.why_of(ListReview, account.level),
            due=due(self.asks, SubjectKind.ACCOUNT, context.subject_id, title, self.due_on),
            actions=(
                action(
                    t("The list is as it should be"),
                    account,
                    t("administrators reviewed"),
                    body,
                    context.policy,
                ),
            ),
            words={**self.named(context), "administrators": people},
        )


class ListReviewed(OfAccount):
    """To the other administrators and Communications: somebody looked, and how many lost access by it."""

    urgency = Urgency.LOW

    reviewed_on: date
    by_id: int
    removed: int

    def view(self, context: NoticeContext) -> View:
        """Who looked at the list, and what came of it."""
        rows = context.rows
        words: dict[str, Any] = {
            "reviewer": who(rows.people.get(self.by_id), rows, context.policy),
            "reviewed_on": self.reviewed_on,
            "removed": self.removed,
        }
        return View(
            why=context.why_of(ListReview, context.account.level), words={**self.named(context), **words}
        )

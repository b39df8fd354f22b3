"""Notices about what staff share of a student's attempt to reach them in private."""

from datetime import date

from policy.controls.contact_report import Contacts
from policy.notices.base import Action, NoticeContext, NoticeKind, View, due
from policy.notices.words import who
from schemas.language import t
from schemas.words import ItemKind, SubjectKind


class ContactShared(NoticeKind):
    """To the supervisor: somebody shared an attempt to reach them in private. What it was, no mail says."""

    about = frozenset({SubjectKind.CONTACT})
    asks = ItemKind.SEE_CONTACT

    control: str
    due_on: date

    def stale(self, context: NoticeContext) -> str | None:
        """It was seen, withdrawn or deleted."""
        report = context.rows.contacts.get(context.subject_id)
        return "seen or gone" if report is None or report.seen_at is not None else None

    def view(self, context: NoticeContext) -> View:
        """Who shared it, and how to look."""
        report = context.rows.contacts[context.subject_id]
        control = context.policy.first(Contacts)
        title = t("Look at contact report {number}", number=context.subject_id)
        return View(
            why=context.why(self.control),
            due=due(ItemKind.SEE_CONTACT, SubjectKind.CONTACT, context.subject_id, title, self.due_on),
            actions=(
                Action(
                    t("I can't open it"),
                    t("Report {number}: question", number=context.subject_id),
                    t("My question: "),
                ),
            ),
            words={
                "number": context.subject_id,
                "office": context.policy.label(control.seen_by) if control else t("office that keeps it"),
                "who": who(context.rows.people.get(report.person_id), context.rows, context.policy),
            },
        )

"""Notices about reports that a policy or a law was broken. None of them names who reported it."""

from datetime import date
from typing import Any

from policy.notices.base import Action, NoticeContext, NoticeKind, View, due
from policy.notices.words import channel, who
from schemas.incidents import Incident
from schemas.language import later, t
from schemas.states import IncidentState
from schemas.words import ItemKind, SubjectKind


class _OfIncident(NoticeKind, root=True):
    """About a report: what is said to be broken, by whom, and where."""

    about = frozenset({SubjectKind.INCIDENT})

    def incident(self, context: NoticeContext) -> Incident:
        """The report that it is about."""
        return context.rows.incidents[context.subject_id]

    def named(self, context: NoticeContext) -> dict[str, Any]:
        """What every letter about a report names."""
        one, rows, policy = self.incident(context), context.rows, context.policy
        account = rows.accounts.get(one.account_id or 0)
        return {
            "number": one.id,
            "rule": one.rule,
            "tells": one.tells,
            "person": who(rows.people[one.person_id], rows, policy)
            if one.person_id
            else t("nobody named yet"),
            "account": channel(account, policy) if account else None,
            "answer": one.answer,
            "appeal": one.appeal,
            "verdict": one.verdict,
            "reason": one.decided_because,
            "appeal_by": one.appeal_by,
            "appeal_verdict": one.appeal_verdict,
            "appeal_because": one.appeal_because,
        }

    def view(self, context: NoticeContext) -> View:
        """What it names, and nothing to do."""
        return View(why=context.why(self.incident(context).under), words=self.named(context))


class _Asking(_OfIncident, root=True):
    """Asks for something until a day."""

    due_on: date

    def asked(self, context: NoticeContext, ask: ItemKind, title: str, *labels: str) -> View:
        """The day, and a click for each answer."""
        number = context.subject_id
        actions = tuple(
            Action(one, t("Report {number}: {what}", number=number, what=one.lower()), t("Why: "))
            for one in labels
        )
        return View(
            why=context.why(self.incident(context).under),
            due=due(
                ask,
                SubjectKind.INCIDENT,
                number,
                t("{title} {number}", title=title, number=number),
                self.due_on,
            ),
            actions=actions,
            words=self.named(context),
        )


class ReportToTakeOn(_Asking):
    """To the office that decides: a report is there, to be taken on or dismissed."""

    tells_of = (IncidentState.REPORTED,)
    asks = ItemKind.DECIDE_REPORT

    def view(self, context: NoticeContext) -> View:
        """What is said, and a click for each way."""
        return self.asked(
            context, self.asks, t("Take on or dismiss report"), t("Take it on"), t("Dismiss it")
        )


class HeardOnReport(_Asking):
    """To the person: what is said, before anything is decided, and until when to answer."""

    tells_of = (IncidentState.HEARD,)
    asks = ItemKind.ANSWER_REPORT

    def view(self, context: NoticeContext) -> View:
        """What is said, and a click to answer."""
        return self.asked(context, self.asks, t("Answer report"), t("Answer"))


class ReportToDecide(_Asking):
    """To the office that decides: the person was heard, or let the days pass."""

    tells_of = (IncidentState.TO_DECIDE,)
    asks = ItemKind.DECIDE_REPORT

    def view(self, context: NoticeContext) -> View:
        """What is said and answered."""
        return self.asked(context, self.asks, t("Decide on report"), t("Decide"))


class AppealToDecide(_Asking):
    """To the office that decides appeals: all that was said, answered and decided."""

    tells_of = (IncidentState.APPEALED,)
    asks = ItemKind.DECIDE_REPORT

    def view(self, context: NoticeContext) -> View:
        """What was decided and why, and why the person appeals."""
        return self.asked(context, self.asks, t("Decide the appeal on report"), t("Uphold"), t("Overturn"))


class ReportDecided(_OfIncident):
    """To the person: what was decided, why, and until when they may appeal."""

    tells_of = (IncidentState.DECIDED,)

    def page(self, context: NoticeContext) -> str:
        """Where they appeal, as long as they may."""
        return f"/incidents/{context.subject_id}" if self.incident(context).appeal_by else ""

    def view(self, context: NoticeContext) -> View:
        """What was decided, and a click to appeal where that is possible."""
        incident, number = self.incident(context), context.subject_id
        appeal = Action(t("Appeal, once"), t("Report {number}: appeal", number=number), t("Why: "))
        return View(
            why=context.why(incident.under),
            actions=(appeal,) if incident.appeal_by else (),
            words=self.named(context),
        )


class ReportClosed(_OfIncident):
    """To the person: it is closed for good, after an appeal or without one."""

    tells_of = (IncidentState.CLOSED,)


class ReportLookedAt(_OfIncident):
    """To who reported it: that it was decided, or dismissed and why. Nothing of what became of anybody."""

    tells_of = (IncidentState.DISMISSED,)
    reader_unnamed = later("the person who reported")

    dismissed: bool

    def view(self, context: NoticeContext) -> View:
        """Whether it was dismissed, and then why."""
        why, words = context.why(self.incident(context).under), self.named(context)
        return View(why=why, words=words | {"dismissed": self.dismissed})

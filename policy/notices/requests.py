"""Notices about a request: sent back, to be decided, decided, ended."""

from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import Field

from policy.controls.approval import Approval
from policy.controls.personal import Personal
from policy.model import Policy
from policy.notices.base import Action, NoticeContext, NoticeKind, Rows, View, due
from policy.notices.words import channel, place, short, who
from schemas.accounts import AccountRequest
from schemas.errors import MailRefused
from schemas.facts import SameHandle
from schemas.language import said, t
from schemas.states import AccountState, RequestState
from schemas.words import ItemKind, SubjectKind

_REQUEST = frozenset({SubjectKind.REQUEST})


def _named(context: NoticeContext) -> dict[str, Any]:
    request = context.request
    return {
        "channel": channel(request, context.policy),
        "number": request.id,
        "place": place(request.school_id, context.rows, context.policy),
    }


def _subject(request: AccountRequest, what: str, policy: Policy) -> str:
    return t(
        "Request {request}, {channel}: {what}",
        request=request.id,
        channel=short(channel(request, policy)),
        what=what,
    )


class RequestSentBack(NoticeKind):
    """To the requester: what is missing, all at once, with one answer that has a line for each.

    To be mended until `mend_by`; after `closes_on` the request is closed by itself.
    """

    about = _REQUEST
    tells_of = (RequestState.SENT_BACK,)

    reasons: tuple[str, ...] = Field(min_length=1)
    mend_by: date
    closes_on: date

    def stale(self, context: NoticeContext) -> str | None:
        """It was handed in again, or sent back again: then a newer notice has the reasons."""
        request = context.request
        if request.state is not RequestState.SENT_BACK:
            return "request moved on"
        return "sent back anew" if request.reasons and tuple(request.reasons) != self.reasons else None

    def view(self, context: NoticeContext) -> View:
        """Each reason with a line for its answer."""
        request, reasons = context.request, [said(one) for one in self.reasons]
        body = "\n\n".join(
            t("{number}. {reason}\nMy answer: ", number=number, reason=reason)
            for number, reason in enumerate(reasons, 1)
        )
        title = t("Complete the request for {channel}", channel=channel(request, context.policy))
        return View(
            why=context.why_of(Approval, request.level),
            due=due(ItemKind.MEND_REQUEST, SubjectKind.REQUEST, context.subject_id, title, self.mend_by),
            actions=(
                Action(
                    t("Answer with what is missing"), _subject(request, t("completed"), context.policy), body
                ),
            ),
            words={
                **_named(context),
                "reasons": reasons,
                "days": (self.closes_on - self.mend_by).days,
                "tools": [(tool.id, tool.what, tool.clause) for tool in context.policy.tools],
            },
        )


def verdicts(request: AccountRequest, rows: Rows, policy: Policy) -> tuple[Action, ...]:
    """One click for each decision that is possible; the reason is left to write."""
    which = t(", revision {revision}", revision=request.revision) if request.revision > 1 else ""
    asked = t(
        "Request {request}{which}: {channel}",
        request=request.id,
        which=which,
        channel=channel(request, policy),
    )
    answers = {
        t("Approve"): t("I approve this request."),
        t("Decline"): t("I decline this request."),
        t("Send back"): t("I send back this request."),
    }
    if _same(request, rows).account is not None:
        del answers[t("Approve")]
    return tuple(
        Action(
            label,
            _subject(request, label.lower(), policy),
            f"{asked}\n\n{answer}\n" + t("Reason: "),
        )
        for label, answer in answers.items()
    )


def _same(request: AccountRequest, rows: Rows) -> SameHandle:
    return rows.same.get(request.id or 0, SameHandle())


class DecisionWanted(NoticeKind):
    """To whoever decides: everything that they need, so that nothing has to be looked up."""

    about = _REQUEST
    tells_of = (RequestState.AWAITING_DECISION,)

    due_on: date

    def stale(self, context: NoticeContext) -> str | None:
        """Somebody has decided, or it was withdrawn."""
        waits = context.request.state is RequestState.AWAITING_DECISION
        return None if waits else "request moved on"

    def page(self, context: NoticeContext) -> str:
        """Where it is decided."""
        return f"/decide/{context.subject_id}"

    def view(self, context: NoticeContext) -> View:
        """The whole wish, and a click for each decision."""
        request, rows, policy = context.request, context.rows, context.policy
        wish = request.wish
        people = [rows.people.get(one) for one in wish.get("administrators", ())]
        administrators = [
            who(one, rows, policy) + (t(", who has left") if one is not None and not one.active else "")
            for one in people
        ]
        return View(
            why=context.why_of(Approval, request.level),
            due=due(
                ItemKind.DECIDE_REQUEST,
                SubjectKind.REQUEST,
                context.subject_id,
                t("Decide on {channel}", channel=channel(request, context.policy)),
                self.due_on,
            ),
            actions=verdicts(request, rows, policy),
            words={
                **_named(context),
                "requester": who(rows.people.get(request.requester_id), rows, policy),
                "level": policy.label(request.level),
                "kind": t(request.channel.value),
                "purpose": wish.get("purpose", ""),
                "audience": wish.get("audience", ""),
                "tools": [str(tool) for tool in wish.get("tools_considered", ())],
                "why_not": wish.get("why_not", ""),
                "administrators": administrators,
                "custody": said(str(wish.get("custody", ""))),
                "again": request.revision > 1,
                "revision": request.revision,
                "taken": _same(request, rows).account is not None,
                "too": _same(request, rows).requests,
            },
        )


class _Decided(NoticeKind, root=True):
    """To the requester: who decided, for whom if they deputized, and the reason in their own words."""

    about = _REQUEST

    def view(self, context: NoticeContext) -> View:
        """The decision is found from the request."""
        request, rows, policy = context.request, context.rows, context.policy
        decision = rows.decisions.get((context.subject_id, request.revision))
        if decision is None:
            raise MailRefused("The request has no decision on its present revision: look at its timeline.")
        absent = rows.people.get(decision.deputy_for_id) if decision.deputy_for_id else None
        return View(
            why=context.why_of(Approval, request.level),
            words={
                **_named(context),
                "decider": who(rows.people.get(decision.decided_by_id), rows, policy),
                "deputy_for": absent.name if absent else None,
                "reason": decision.reason,
                "decided_on": context.day_of(decision.decided_at),
            },
        )


class RequestApproved(_Decided):
    """To the requester: it is approved, and what comes next."""

    tells_of = (RequestState.APPROVED, AccountState.APPROVED)

    def view(self, context: NoticeContext) -> View:
        """Who approved it; and whether the account came into being before this letter left."""
        made = super().view(context)
        account = context.rows.accounts.get(context.request.account_id or 0)
        live = account is not None and account.state is AccountState.LIVE
        return replace(made, words={**made.words, "live": live})


class RequestDeclined(_Decided):
    """To the requester: it is declined, and why."""

    tells_of = (RequestState.DECLINED,)


class DecisionTakenBack(NoticeKind):
    """To the requester: the decision is taken back, why, and that another one comes."""

    about = frozenset({SubjectKind.REQUEST})

    by_id: int
    reason: str

    def view(self, context: NoticeContext) -> View:
        """Who took it back."""
        request, rows, policy = context.request, context.rows, context.policy
        return View(
            why=context.why_of(Approval, request.level),
            words={
                "channel": channel(request, policy),
                "place": place(request.school_id, rows, policy),
                "by": who(rows.people.get(self.by_id), rows, policy),
                "reason": self.reason,
            },
        )


class RequestWithdrawn(NoticeKind):
    """To whoever was to decide: it is withdrawn, and nobody need go on working at it.

    About a request, or the account that came of it. `by_id` is the person who withdrew it.
    """

    about = frozenset({SubjectKind.REQUEST, SubjectKind.ACCOUNT})
    tells_of = (RequestState.WITHDRAWN, AccountState.WITHDRAWN)

    by_id: int | None = None

    def view(self, context: NoticeContext) -> View:
        """Who withdrew it."""
        by = context.rows.people.get(self.by_id) if self.by_id else None
        of_account = context.notice.subject_kind is SubjectKind.ACCOUNT
        subject = context.account if of_account else context.request
        return View(
            why=context.why_of(Approval, subject.level),
            words={
                "channel": channel(subject, context.policy),
                "place": place(subject.school_id, context.rows, context.policy),
                "by": by.name if by else None,
                "of_account": of_account,
            },
        )


class RequestAbandoned(NoticeKind):
    """To the requester: closed, since it was not mended in time."""

    about = _REQUEST
    tells_of = (RequestState.ABANDONED,)

    mend_by: date

    def view(self, context: NoticeContext) -> View:
        """Closed because nobody completed it in time."""
        return View(
            why=context.why_of(Approval, context.request.level),
            words={**_named(context), "mend_by": self.mend_by},
        )


class NoApprovalNeeded(NoticeKind):
    """To the requester: a personal account needs none; the advice that applies comes with the answer."""

    about = _REQUEST
    tells_of = (RequestState.NOT_NEEDED,)

    def view(self, context: NoticeContext) -> View:
        """The policy's answer and its advice."""
        policy, level = context.policy, context.request.level
        answers = [policy.text(one.text) for one in policy.applying(Personal, level=level)]
        return View(
            why=context.why_of(Personal, level),
            words={
                **_named(context),
                "answer": " ".join(text.text or "" for text in answers),
                "advice": [(point.clause, point.text) for text in answers for point in text.points],
            },
        )

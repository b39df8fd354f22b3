"""Notices about a request: sent back, to be decided, decided, ended (2, 5, 6, 14)."""

from typing import Any

from schemas.accounts import AccountRequest, Decision
from schemas.errors import MailRefused
from schemas.notice_facts import DecisionWanted, RequestAbandoned, RequestSentBack, RequestWithdrawn
from schemas.notices import NoticeKind
from schemas.words import ItemKind, Level, SubjectKind
from tasks.mail.view import Action, Case, View, due, view_of
from tasks.mail.words import channel, place, short, who


def _request(case: Case) -> AccountRequest:
    return case.known.requests[case.notice.subject_id]


def _clause(request: AccountRequest) -> str:
    """Which clause asks for the decision: 6 for classroom accounts, 14 for personal ones, else 5."""
    return {Level.CLASSROOM: "6", Level.PERSONAL: "14"}.get(request.level, "5")


def _named(request: AccountRequest, case: Case) -> dict[str, Any]:
    return {
        "channel": channel(request),
        "number": request.id,
        "place": place(request.school_id, case.known, case.policy),
    }


def _subject(request: AccountRequest, what: str) -> str:
    return f"Request {request.id}, {short(channel(request))}: {what}"


@view_of(NoticeKind.REQUEST_SENT_BACK)
def sent_back(case: Case) -> View:
    """Every reason at once, and one answer that has a line for each of them."""
    request, facts = _request(case), case.given(RequestSentBack)
    body = "\n\n".join(f"{number}. {reason}\nMy answer: " for number, reason in enumerate(facts.reasons, 1))
    title = f"Complete the request for {channel(request)}"
    return View(
        clause=_clause(request),
        due=due(ItemKind.MEND_REQUEST, SubjectKind.REQUEST, case.notice.subject_id, title, facts.mend_by),
        actions=(Action("Answer with what is missing", _subject(request, "completed"), body),),
        words={**_named(request, case), "reasons": facts.reasons, "closes_on": facts.closes_on},
    )


def verdicts(request: AccountRequest) -> tuple[Action, ...]:
    """One click for each decision; the reason is left to write."""
    asked = f"Request {request.id}: {channel(request)}"
    return tuple(
        Action(
            label, _subject(request, label.lower()), f"{asked}\n\nI {label.lower()} this request.\nReason: "
        )
        for label in ("Approve", "Decline", "Send back")
    )


@view_of(NoticeKind.DECISION_WANTED)
def decision_wanted(case: Case) -> View:
    """Everything that the decider needs, so that nothing has to be looked up (2, 5, 6)."""
    request, facts = _request(case), case.given(DecisionWanted)
    wish = request.wish
    people = [case.known.people.get(one) for one in wish.get("administrators", ())]
    administrators = [
        who(one, case.known, case.policy) + (", who has left" if one is not None and not one.active else "")
        for one in people
    ]
    return View(
        clause=_clause(request),
        due=due(
            ItemKind.DECIDE_REQUEST,
            SubjectKind.REQUEST,
            case.notice.subject_id,
            f"Decide on {channel(request)}",
            facts.due_on,
        ),
        actions=verdicts(request),
        words={
            **_named(request, case),
            "requester": who(case.known.people.get(request.requester_id), case.known, case.policy),
            "level": request.level.value,
            "kind": request.channel.value,
            "purpose": wish.get("purpose", ""),
            "audience": wish.get("audience", ""),
            "tools": [str(tool) for tool in wish.get("tools_considered", ())],
            "why_not": wish.get("why_not", ""),
            "administrators": administrators,
            "custody": wish.get("custody", ""),
            "again": request.revision > 1,
        },
    )


def _decision(case: Case) -> Decision:
    request = _request(case)
    decision = case.known.decisions.get((case.notice.subject_id, request.revision))
    if decision is None:
        raise MailRefused("The request has no decision on its present revision: look at its timeline.")
    return decision


@view_of(NoticeKind.REQUEST_APPROVED, NoticeKind.REQUEST_DECLINED)
def decided(case: Case) -> View:
    """Who decided, for whom if they deputized, and the reason in their own words."""
    request, decision = _request(case), _decision(case)
    principal = case.known.people.get(decision.deputy_for_id) if decision.deputy_for_id else None
    decider = case.known.people.get(decision.decided_by_id)
    return View(
        clause=_clause(request),
        words={
            **_named(request, case),
            "decider": who(decider, case.known, case.policy),
            "deputy_for": principal.name if principal else None,
            "reason": decision.reason,
            "decided_on": decision.decided_at.astimezone(case.zone).date(),
        },
    )


@view_of(NoticeKind.REQUEST_WITHDRAWN)
def withdrawn(case: Case) -> View:
    """Who withdrew it, so that nobody goes on working at it."""
    facts = case.given(RequestWithdrawn)
    by = case.known.people.get(facts.by_id) if facts.by_id else None
    of_account = case.notice.subject_kind is SubjectKind.ACCOUNT
    subject = case.known.accounts[case.notice.subject_id] if of_account else _request(case)
    return View(
        clause="6" if subject.level is Level.CLASSROOM else "5",
        words={
            "channel": channel(subject),
            "place": place(subject.school_id, case.known, case.policy),
            "by": by.name if by else None,
            "of_account": of_account,
        },
    )


@view_of(NoticeKind.REQUEST_ABANDONED)
def abandoned(case: Case) -> View:
    """Closed because nobody completed it in time."""
    request, facts = _request(case), case.given(RequestAbandoned)
    return View(clause=_clause(request), words={**_named(request, case), "mend_by": facts.mend_by})


@view_of(NoticeKind.NO_APPROVAL_NEEDED)
def no_approval_needed(case: Case) -> View:
    """A personal account needs none; the advice that applies comes with the answer (14)."""
    personal = case.policy.personal
    return View(
        clause="14",
        words={
            **_named(_request(case), case),
            "answer": personal.answer,
            "advice": [(text.clause, text.text) for text in personal.advice],
        },
    )

"""What happens next with a request for an account, and who may decide it.

Pure: facts, policy and a moment in; transitions, action items and notices out.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from policy.authority import approving, barred, deciding_office
from policy.calendar import Calendar
from policy.controls.administrators import Administrators
from policy.controls.application_form import ApplicationForm
from policy.controls.personal import Personal
from policy.identity import is_written_as_one
from policy.model import Policy
from policy.notices.requests import (
    DecisionTakenBack,
    DecisionWanted,
    NoApprovalNeeded,
    RequestAbandoned,
    RequestApproved,
    RequestDeclined,
    RequestSentBack,
)
from schemas.events import EventKind
from schemas.facts import Authority, Candidate, RequestFacts
from schemas.outcome import NOTHING, Ask, Emit, Move, Outcome, Settle, Subject, Tell
from schemas.states import RequestState
from schemas.words import ItemKind, PersonKind, SubjectKind, Verdict


def enough_administrators(needed: Administrators, people: tuple[Candidate, ...]) -> bool:
    """Whether these people are the administrators that a level needs.

    Somebody who holds the office counts once: for the office, or among the others when there are more
    holders than needed. The others are members of staff.
    """
    active = [person for person in people if person.active]
    in_office = sum(person.holds_office for person in active)
    staff = sum(person.holds_office or person.kind is PersonKind.STAFF for person in active)
    return in_office >= needed.holders_at_least and staff >= needed.at_least


def _tools_wanted(form: ApplicationForm, cited: str = "") -> str:
    wanted = form.tools_considered_at_least
    return f"Say which of the tools that are provided you considered, at least {wanted}{cited}."


def _reason_wanted(form: ApplicationForm, cited: str = "") -> str:
    return (
        f"Why the tools that are provided do not serve is said too shortly: use at least "
        f"{form.reason_characters_at_least} characters{cited}."
    )


def _purpose_wanted(form: ApplicationForm) -> str:
    return (
        f"What the account is for is said too shortly: use at least "
        f"{form.purpose_characters_at_least} characters."
    )


def too_little(
    policy: Policy, level: str, tools: Sequence[str], why_not: str, purpose: str
) -> Mapping[str, str]:
    """What a form says too little in, by its field. What is still empty is asked for elsewhere."""
    found = {}
    for form in policy.applying(ApplicationForm, level=level):
        if 0 < len(tools) < form.tools_considered_at_least:
            found["tools_considered"] = _tools_wanted(form)
        if 0 < len(why_not.strip()) < form.reason_characters_at_least:
            found["why_not"] = _reason_wanted(form)
        if 0 < len(purpose.strip()) < form.purpose_characters_at_least:
            found["purpose"] = _purpose_wanted(form)
    return found


def lacks(request: RequestFacts, policy: Policy) -> tuple[str, ...]:
    """Every reason why a request is not complete, as sentences for its requester; empty when it is.

    Which provided tools were considered and why they do not serve, what it is for, and the
    administrators that its level needs.
    """
    level = policy.level(request.level)
    said = []
    for form in policy.applying(ApplicationForm, level=level.id):
        cited = policy.cited(form.name)
        if len(request.tools_considered) < form.tools_considered_at_least:
            said.append(_tools_wanted(form, cited))
        if len(request.why_not) < form.reason_characters_at_least:
            said.append(
                _reason_wanted(form, cited)
                if request.why_not.strip()
                else f"Say why the tools that are provided do not serve{cited}."
            )
        if len(request.purpose) < form.purpose_characters_at_least:
            said.append(_purpose_wanted(form) if request.purpose.strip() else "Say what the account is for.")
    if not request.audience:
        said.append("Say who is to read it.")
    platform = next((one for one in policy.platforms if one.name == request.platform), None)
    if not is_written_as_one(request.handle, platform):
        said.append("Write the handle without spaces, as it would show on the platform.")
    if request.handle_taken:
        said.append(
            "Choose another handle: an official account on this platform has this one or looks the same."
        )
    if level.at == "school" and request.school_id is None:
        said.append("Name the school.")
    if level.at == "division" and request.school_id is not None:
        said.append(f"A {level.label} account belongs to no school: leave the school empty.")
    said.extend(_administrators_lack(request, policy))
    return tuple(said)


def _administrators_lack(request: RequestFacts, policy: Policy) -> list[str]:
    people = request.administrators
    said = []
    if any(not person.active for person in people):
        said.append("Name administrators who are still here: one of them has left.")
    said += [
        f"{_wanted(needed, policy)}{policy.cited(needed.name)}."
        for needed in policy.applying(Administrators, level=request.level)
        if not enough_administrators(needed, people)
    ]
    return said


def _wanted(needed: Administrators, policy: Policy) -> str:
    """Who must be named as administrators, as the begin of a sentence."""
    parts = []
    if needed.holders_at_least:
        who = f"who holds the office of {policy.label(needed.office or '')}"
        if needed.or_designated:
            who += " or was designated in its place"
        parts.append(f"{needed.holders_at_least} {who}")
    if needed.others_at_least:
        besides = " besides" if parts else ""
        parts.append(f"{needed.others_at_least} of the staff{besides}")
    return f"Name at least {needed.at_least} as administrators: {', and '.join(parts)}"


def decide_request(request: RequestFacts, policy: Policy, now: datetime, *, deciders: Authority) -> Outcome:
    """What happens next with a request: checked when handed in, closed when it lies too long."""
    if request.state is RequestState.SUBMITTED:
        if policy.first(Personal, level=request.level) is not None:
            return _needs_none(request, policy)
        if reasons := lacks(request, policy):
            return _send_back(request, reasons, policy, now)
        return _ask_decider(request, policy, now, deciders)
    if request.state is RequestState.SENT_BACK:
        return _abandon_if_old(request, policy, now)
    return NOTHING


def _needs_none(request: RequestFacts, policy: Policy) -> Outcome:
    """A personal account needs no authorization: the request ends with the advice that applies."""
    subject, control = Subject(SubjectKind.REQUEST, request.id), approving(policy, request.level)
    return Outcome(
        (
            Move(
                subject, request.state, request.version, RequestState.NOT_NEEDED, control, "needs no approval"
            ),
            Tell(
                NoApprovalNeeded(),
                request.requester_id,
                f"{subject}/r{request.revision}/no approval needed",
                subject,
            ),
        ),
        "needs no approval",
    )


def _form(request: RequestFacts, policy: Policy) -> ApplicationForm:
    """The control that says when a request is complete; of any level where none speaks of its own."""
    return policy.first(ApplicationForm, level=request.level) or policy.of(ApplicationForm)[0]


def _mend_key(request: RequestFacts) -> str:
    return f"request:{request.id}/r{request.revision}/mend"


def _decide_key(request_id: int, revision: int) -> str:
    return f"request:{request_id}/r{revision}/decide"


def _send_back(request: RequestFacts, reasons: tuple[str, ...], policy: Policy, now: datetime) -> Outcome:
    subject = Subject(SubjectKind.REQUEST, request.id)
    control = approving(policy, request.level)
    due = policy.calendar.due_after(
        policy.calendar.today(now), school_days=policy.terms(ItemKind.MEND_REQUEST).due_school_days
    )
    return Outcome(
        (
            Move(
                subject,
                request.state,
                request.version,
                RequestState.SENT_BACK,
                control,
                "not complete",
                {"reasons": list(reasons)},
            ),
            Ask(_mend_key(request), ItemKind.MEND_REQUEST, request.requester_id, subject, control, due),
            Tell(
                RequestSentBack(
                    reasons=reasons,
                    mend_by=due,
                    closes_on=last_day(now, _form(request, policy).abandon_sent_back_days, policy.calendar),
                ),
                request.requester_id,
                f"{subject}/r{request.revision}/sent back",
                subject,
            ),
        ),
        "sent back",
    )


def _ask_decider(request: RequestFacts, policy: Policy, now: datetime, authority: Authority) -> Outcome:
    subject = Subject(SubjectKind.REQUEST, request.id)
    control = approving(policy, request.level)
    office = deciding_office(request, policy, authority)
    due = policy.calendar.due_after(
        policy.calendar.today(now), school_days=policy.terms(ItemKind.DECIDE_REQUEST).due_school_days
    )
    return Outcome(
        (
            Move(
                subject,
                request.state,
                request.version,
                RequestState.AWAITING_DECISION,
                control,
                "complete",
                {"reasons": []},
            ),
            Ask(
                _decide_key(request.id, request.revision),
                ItemKind.DECIDE_REQUEST,
                office,
                subject,
                control,
                due,
            ),
            Tell(
                DecisionWanted(due_on=due),
                office,
                f"{subject}/r{request.revision}/decision wanted",
                subject,
                but_not=barred(authority),
            ),
        ),
        "waits for a decision",
    )


def _abandon_if_old(request: RequestFacts, policy: Policy, now: datetime) -> Outcome:
    until = last_day(request.state_since, _form(request, policy).abandon_sent_back_days, policy.calendar)
    if policy.calendar.today(now) <= until:
        return NOTHING
    subject = Subject(SubjectKind.REQUEST, request.id)
    control = approving(policy, request.level)
    return Outcome(
        (
            Move(subject, request.state, request.version, RequestState.ABANDONED, control, "not mended"),
            Settle((_mend_key(request),), done=False),
            Tell(
                RequestAbandoned(mend_by=until),
                request.requester_id,
                f"{subject}/r{request.revision}/abandoned",
                subject,
            ),
        ),
        "abandoned",
    )


def last_day(since: datetime, days: int, calendar: Calendar) -> date:
    """The last day of a span of days since an instant; never one in the summer break."""
    return calendar.due_after(calendar.today(since) + timedelta(days=days), school_days=0)


def on_decision(
    request: RequestFacts, verdict: Verdict, reason: str, policy: Policy, now: datetime
) -> Outcome:
    """What a recorded decision brings about for the request itself."""
    subject = Subject(SubjectKind.REQUEST, request.id)
    settle = Settle((_decide_key(request.id, request.revision),))
    control = approving(policy, request.level)
    if verdict is Verdict.SEND_BACK:
        back = _send_back(request, (reason,), policy, now)
        event = Emit(EventKind.DECISION_RECORDED, subject)
        return Outcome((settle, *back.steps, event), "sent back by the decider")
    to, notice = {
        Verdict.APPROVE: (RequestState.APPROVED, RequestApproved()),
        Verdict.DECLINE: (RequestState.DECLINED, RequestDeclined()),
    }[verdict]
    return Outcome(
        (
            Move(subject, request.state, request.version, to, control, f"decision: {verdict}"),
            settle,
            Tell(notice, request.requester_id, f"{subject}/r{request.revision}/{verdict}", subject),
            Emit(EventKind.DECISION_RECORDED, subject),
        ),
        str(to),
    )


def reconsider(
    request: RequestFacts,
    reason: str,
    policy: Policy,
    now: datetime,
    *,
    deciders: Authority,
    by_id: int,
) -> Outcome:
    """A decision is taken back before the account is live: the request waits for another one.

    Its deciding office is asked, and its requester is told why.
    """
    subject, control = Subject(SubjectKind.REQUEST, request.id), approving(policy, request.level)
    office, revision = deciding_office(request, policy, deciders), request.revision + 1
    due = policy.calendar.due_after(
        policy.calendar.today(now), school_days=policy.terms(ItemKind.DECIDE_REQUEST).due_school_days
    )
    cause = f"{subject}/r{revision}"
    return Outcome(
        (
            Move(
                subject,
                request.state,
                request.version,
                RequestState.AWAITING_DECISION,
                control,
                "decision taken back",
                {"revision": revision, "account_id": None},
            ),
            Ask(_decide_key(request.id, revision), ItemKind.DECIDE_REQUEST, office, subject, control, due),
            Tell(
                DecisionWanted(due_on=due),
                office,
                f"{cause}/decision wanted",
                subject,
                but_not=(*barred(deciders), by_id),
            ),
            Tell(
                DecisionTakenBack(by_id=by_id, reason=reason),
                request.requester_id,
                f"{cause}/taken back",
                subject,
            ),
            Emit(EventKind.DECISION_RECORDED, subject),
        ),
        "waits for a decision again",
    )

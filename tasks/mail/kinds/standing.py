"""Notices about what is still open: reminders, escalations, findings."""

from schemas.machinery import ActionItem
from schemas.notice_facts import Findings, ItemEscalated, ItemFacts, SweepSummary
from schemas.notices import NoticeKind
from schemas.words import ItemKind, SubjectKind
from tasks.mail.kinds.access import one_answer
from tasks.mail.kinds.requests import verdicts
from tasks.mail.view import Action, Case, Due, View, due, view_of
from tasks.mail.words import about_what, account_of, place, short, todo


def _item(case: Case) -> ActionItem:
    facts = case.given(ItemFacts)
    return case.known.items[facts.item_id]


def _due(item: ActionItem, title: str) -> Due:
    return due(item.kind, item.subject_kind, item.subject_id, title[0].upper() + title[1:], item.due_on)


def _holder(item: ActionItem, case: Case) -> str:
    """Who was asked first: a person, or the office at its school."""
    if item.person_id is not None:
        return case.known.people[item.person_id].name
    where = place(item.role_school_id, case.known, case.policy)
    return f"the {item.role} of {where}"


def _actions(item: ActionItem, what: str, case: Case) -> tuple[Action, ...]:
    """The same answers as in the first notice; a course reports itself, so that only help is offered."""
    help_wanted = Action("I need help", f"Item {item.id}, {short(what, 90)}: question", "My question: ")
    request = case.known.requests.get(item.subject_id)
    if item.kind is ItemKind.DECIDE_REQUEST and item.subject_kind is SubjectKind.REQUEST and request:
        return verdicts(request)
    if item.kind is ItemKind.COMPLETE_COURSE:
        return (help_wanted,)
    if item.kind in {ItemKind.ACKNOWLEDGE_GUIDELINES, ItemKind.ACCEPT_RESPONSIBILITY}:
        account = account_of(item.subject_kind, item.subject_id, case.known)
        if account is not None:
            return (*one_answer((item.kind,), account, case.policy), help_wanted)
    return (Action("It is done", f"Item {item.id}, {short(what, 90)}: done", "Done on: "), help_wanted)


@view_of(NoticeKind.ITEM_REMINDER)
def reminder(case: Case) -> View:
    """The same thing asked again, with the same calendar entry.

    A deputy, or the office that it climbed to, reads whose it is.
    """
    item = _item(case)
    theirs = item.person_id == case.notice.person_id if item.person_id else item.climbed_to is None
    what = todo(item, case.known, case.policy)
    return View(
        clause=item.clause,
        due=_due(item, what),
        actions=_actions(item, what, case),
        words={
            "todo": what,
            "holder": None if theirs else _holder(item, case),
            "opened_on": item.opened_at.astimezone(case.zone).date(),
            "late": item.due_on < case.today(),
        },
    )


@view_of(NoticeKind.ITEM_ESCALATED)
def escalated(case: Case) -> View:
    """It was not done in time by those who were asked first, or nobody of them is left: it is asked here."""
    item = _item(case)
    what = todo(item, case.known, case.policy)
    nobody_there = case.given(ItemEscalated).because == "nobody there"
    settled = Action("It is settled", f"Item {item.id}, {short(what, 90)}: settled", "Settled how: ")
    return View(
        clause=item.clause,
        due=_due(item, what),
        actions=_actions(item, what, case) if nobody_there else (settled,),
        words={
            "todo": what,
            "holder": _holder(item, case),
            "opened_on": item.opened_at.astimezone(case.zone).date(),
            "late": item.due_on < case.today(),
            "reminders": item.reminders,
            "nobody_there": nobody_there,
        },
    )


@view_of(NoticeKind.FINDINGS)
def findings(case: Case) -> View:
    """Every open finding that the person can mend, each with its clause. Those mended since are left out."""
    facts = case.given(Findings)
    still_open = [
        finding
        for one in facts.finding_ids
        if (finding := case.known.findings.get(one)) is not None and finding.resolved_at is None
    ]
    entries = [
        {
            "channel": about_what(SubjectKind.ACCOUNT, finding.account_id, case.known),
            "person": case.known.people[finding.person_id].name
            if finding.person_id in case.known.people
            else None,
            "clause": finding.rule,
            "title": case.policy.title(finding.rule),
            "detail": finding.detail,
            "since": finding.due_on,
        }
        for finding in still_open
    ]
    where = sorted({str(entry["channel"]) for entry in entries})
    return View(
        clause=still_open[0].rule if still_open else "9",
        actions=(
            Action(
                "They are mended",
                f"Findings {', '.join(str(finding.id) for finding in still_open[:8])}: mended",
                "What was done: ",
            ),
        ),
        words={
            "entries": entries,
            "more": facts.more,
            "where": where[0] if len(where) == 1 else f"{len(where)} accounts",
        },
    )


@view_of(NoticeKind.SWEEP_SUMMARY)
def sweep_summary(case: Case) -> View:
    """What the night changed, a line a clause."""
    facts = case.given(SweepSummary)
    return View(
        clause=facts.clauses[0].clause,
        words={
            "lines": [{**one.model_dump(), "title": case.policy.title(one.clause)} for one in facts.clauses],
            "new": sum(one.new for one in facts.clauses),
            "mended": sum(one.mended for one in facts.clauses),
            "unheard": facts.unheard,
        },
    )

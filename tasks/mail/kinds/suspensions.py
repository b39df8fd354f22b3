"""Notices before a suspension, and when an account may come back (9, 10)."""

from schemas.notice_facts import ReinstatementWanted, SuspensionAhead
from schemas.notices import NoticeKind
from schemas.words import ItemKind, SubjectKind
from tasks.mail.view import Action, Case, View, due, view_of
from tasks.mail.words import channel, place


@view_of(NoticeKind.SUSPENSION_AHEAD)
def ahead(case: Case) -> View:
    """What must be mended until when, or else what is suspended (9, 10). Those mended since are left out."""
    facts, account = case.given(SuspensionAhead), case.known.accounts[case.notice.subject_id]
    still_open = [
        finding
        for one in facts.finding_ids
        if (finding := case.known.findings.get(one)) is not None and finding.resolved_at is None
    ]
    return View(
        clause=still_open[0].rule if still_open else "9",
        due=due(
            ItemKind.MEND_FINDING,
            SubjectKind.FINDING,
            facts.finding_ids[0],
            f"Mend what was found at {channel(account)}",
            facts.mend_by,
        ),
        actions=(
            Action(
                "It is mended",
                f"Findings {', '.join(str(finding.id) for finding in still_open[:8])}: mended",
                "What was done: ",
            ),
        ),
        words={
            "channel": channel(account),
            "place": place(account.school_id, case.known, case.policy),
            "of": facts.of,
            "entries": [
                {
                    "clause": finding.rule,
                    "title": case.policy.title(finding.rule),
                    "asks": case.policy.clause(finding.rule).asks,
                    "detail": finding.detail,
                }
                for finding in still_open
            ],
        },
    )


@view_of(NoticeKind.REINSTATEMENT_WANTED)
def wanted(case: Case) -> View:
    """A suspended account is mended, or somebody asks for it: Communications decides (10)."""
    facts, account = case.given(ReinstatementWanted), case.known.accounts[case.notice.subject_id]
    by = case.known.people.get(facts.by_id or 0)
    suspension = case.known.suspensions.get(facts.suspension_id or 0)
    return View(
        clause="10",
        due=due(
            ItemKind.DECIDE_REINSTATEMENT,
            SubjectKind.ACCOUNT,
            case.notice.subject_id,
            f"Decide whether {channel(account)} comes back",
            facts.due_on,
        ),
        words={
            "channel": channel(account),
            "place": place(account.school_id, case.known, case.policy),
            "number": account.id,
            "mended": facts.because == "mended",
            "by": by.name if by else None,
            "reason": suspension.asked_because if suspension else None,
        },
    )

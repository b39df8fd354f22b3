"""Notices about an account: create it, mend its notice, live, suspended, closed (5, 5.5, 6.2, 7, 8, 9)."""

from typing import Any

from policy.model import CustodyEvidence
from schemas.accounts import Account
from schemas.notice_facts import (
    AccountClosed,
    AccountReinstated,
    AccountSuspended,
    CreateTheAccount,
    ListReviewDue,
    ListReviewed,
    MendTheNotice,
    Rotated,
    RotationDue,
)
from schemas.notices import NoticeKind
from schemas.words import ItemKind, Level, PageVerdict, SubjectKind
from tasks.mail.view import Action, Case, View, due, view_of
from tasks.mail.words import channel, place, short, who


def _account(case: Case) -> Account:
    return case.known.accounts[case.notice.subject_id]


def _named(account: Account, case: Case) -> dict[str, Any]:
    return {
        "channel": channel(account),
        "number": account.id,
        "place": place(account.school_id, case.known, case.policy),
        "address": account.address,
    }


def _subject(account: Account, what: str) -> str:
    return f"Account {account.id}, {short(channel(account))}: {what}"


@view_of(NoticeKind.CREATE_THE_ACCOUNT)
def create(case: Case) -> View:
    """What to set up on the platform, and one answer with a line for each thing to report."""
    account, facts = _account(case), case.given(CreateTheAccount)
    checklist = case.policy.checklist(account.platform)
    custodian = "the principal" if account.level is Level.CLASSROOM else "Communications"
    evidence = case.policy.custody_terms(account.custody).evidence
    body = [
        "Address of its public page: ",
        "The platform's permanent id of it: ",
        *(
            [f"{custodian[0].upper()}{custodian[1:]} is an administrator too (yes or no): "]
            if CustodyEvidence.CUSTODIAN in evidence
            else []
        ),
        *(
            ["Name of its entry in the vault (never the password): "]
            if CustodyEvidence.VAULT_REFERENCE in evidence
            else []
        ),
        "Page that carries the notice, if it is not the profile itself: ",
        "Privacy settings that are set: " + ", ".join(item.id for item in checklist.items),
    ]
    return View(
        clause="6.2" if account.level is Level.CLASSROOM else "5.5",
        due=due(
            ItemKind.CREATE_ACCOUNT,
            SubjectKind.ACCOUNT,
            case.notice.subject_id,
            f"Create {channel(account)} and report it",
            facts.due_on,
        ),
        actions=(Action("Report the account", _subject(account, "created"), "\n".join(body)),),
        words={
            **_named(account, case),
            "platform": account.platform.value,
            "custodian": custodian,
            "as_custodian": CustodyEvidence.CUSTODIAN in evidence,
            "in_the_vault": CustodyEvidence.VAULT_REFERENCE in evidence,
            "privacy": [item.text for item in checklist.items],
            "statements": [statement.text for statement in case.policy.notice.statements],
        },
    )


@view_of(NoticeKind.MEND_THE_NOTICE)
def mend_the_notice(case: Case) -> View:
    """What the page showed, statement by statement, and the notice as it must stand there (8)."""
    account, facts = _account(case), case.given(MendTheNotice)
    check = case.known.checks[facts.check_id]
    wanted = {statement.id: statement.text for statement in case.policy.notice.statements}
    differences = [
        {
            "verdict": row["verdict"],
            "wanted": wanted.get(row["id"], row["id"]),
            "difference": row.get("difference", ""),
        }
        for row in check.statements
        if row["verdict"] in {PageVerdict.ALTERED, PageVerdict.MISSING}
    ]
    return View(
        clause="8",
        due=due(
            ItemKind.MEND_NOTICE,
            SubjectKind.ACCOUNT,
            case.notice.subject_id,
            f"Put the notice on the page of {channel(account)}",
            facts.due_on,
        ),
        actions=(
            Action(
                "It is mended",
                _subject(account, "the notice is mended"),
                "The notice is on the page now, word for word. Please look again.",
            ),
        ),
        words={
            **_named(account, case),
            "page": check.address,
            "looked_on": check.checked_at.astimezone(case.zone).date(),
            "unreachable": check.verdict is PageVerdict.UNREACHABLE,
            "detail": check.detail,
            "differences": differences,
            "statements": [statement.text for statement in case.policy.notice.statements],
        },
    )


@view_of(NoticeKind.ACCOUNT_LIVE)
def live(case: Case) -> View:
    """It may be used; what is expected from now on (9)."""
    account = _account(case)
    return View(clause="9", words={**_named(account, case), "cadence": case.policy.monitoring.on.value})


@view_of(NoticeKind.ACCOUNT_SUSPENDED)
def suspended(case: Case) -> View:
    """Nobody may post, why, and until when it can be mended."""
    account, facts = _account(case), case.given(AccountSuspended)
    decision = case.known.suspensions.get(facts.suspension_id or 0)
    return View(
        clause=facts.clause,
        due=due(
            ItemKind.MEND_FINDING,
            SubjectKind.ACCOUNT,
            case.notice.subject_id,
            f"Mend what suspended {channel(account)}",
            facts.mend_by,
        )
        if facts.mend_by
        else None,
        actions=(Action("It is mended", _subject(account, "mended"), "What was wrong, and what was done: "),),
        words={**_named(account, case), "reason": decision.reason if decision else ""},
    )


@view_of(NoticeKind.ACCOUNT_REINSTATED)
def reinstated(case: Case) -> View:
    """It may be used again, and why (10)."""
    account, facts = _account(case), case.given(AccountReinstated)
    decision = case.known.suspensions[facts.suspension_id]
    return View(
        clause=decision.clause, words={**_named(account, case), "reason": decision.ended_because or ""}
    )


@view_of(NoticeKind.ACCOUNT_CLOSED)
def closed(case: Case) -> View:
    """It has ended, and why."""
    account, facts = _account(case), case.given(AccountClosed)
    return View(clause=facts.clause, words={**_named(account, case), "because": facts.because})


@view_of(NoticeKind.ROTATION_DUE)
def rotation_due(case: Case) -> View:
    """The shared password is to be changed, why and until when (11). Never what it is."""
    account, facts = _account(case), case.given(RotationDue)
    return View(
        clause="11",
        due=due(
            ItemKind.ROTATE_CREDENTIALS,
            SubjectKind.ACCOUNT,
            case.notice.subject_id,
            f"Change the password of {channel(account)}",
            facts.due_on,
        ),
        actions=(
            Action(
                "It is changed",
                _subject(account, "the password is changed"),
                "Changed on: \nName of its entry in the vault (never the password): ",
            ),
        ),
        words={**_named(account, case), "because": facts.because},
    )


@view_of(NoticeKind.ROTATED)
def rotated(case: Case) -> View:
    """The shared password was changed, when and where it is kept (11). Never to what."""
    account, facts = _account(case), case.given(Rotated)
    return View(
        clause="11",
        due=due(
            ItemKind.CONFIRM_ROTATION,
            SubjectKind.ACCOUNT,
            case.notice.subject_id,
            f"Confirm the new password of {channel(account)}",
            facts.due_on,
        ),
        actions=(
            Action(
                "I have the new one",
                _subject(account, "I have the new password"),
                "I have taken the new password from the vault.",
            ),
        ),
        words={**_named(account, case), "rotated_on": facts.rotated_on},
    )


@view_of(NoticeKind.LIST_REVIEW_DUE)
def list_review_due(case: Case) -> View:
    """Who administers it on the platform is to be looked at, against who should, until when (11)."""
    account, facts = _account(case), case.given(ListReviewDue)
    return View(
        clause="11",
        due=due(
            ItemKind.REVIEW_ADMINISTRATORS,
            SubjectKind.ACCOUNT,
            case.notice.subject_id,
            f"Look at who administers {channel(account)}",
            facts.due_on,
        ),
        actions=(
            Action(
                "The list is as it should be",
                _subject(account, "administrators reviewed"),
                "I looked on the platform. Who no longer administers it (nobody, if left empty): ",
            ),
        ),
        words={
            **_named(account, case),
            "administrators": [
                who(case.known.people.get(one), case.known, case.policy) for one in facts.administrator_ids
            ],
        },
    )


@view_of(NoticeKind.LIST_REVIEWED)
def list_reviewed(case: Case) -> View:
    """Somebody looked at the list of administrators, and what came of it (11)."""
    account, facts = _account(case), case.given(ListReviewed)
    return View(
        clause="11",
        words={
            **_named(account, case),
            "reviewer": who(case.known.people.get(facts.by_id), case.known, case.policy),
            "reviewed_on": facts.reviewed_on,
            "removed": facts.removed,
        },
    )

"""Whether the cause of a notice went before it left. What asks for something is then dropped; news is told.

Somebody who has decided already must not be asked to decide. But that a request was declined, an access
suspended or an account closed happened, and is told even if something else has happened since.
"""

from collections.abc import Callable, Mapping

from schemas.machinery import Notice
from schemas.notices import NoticeKind
from schemas.states import AccessState, AccountState, RequestState
from schemas.words import ItemState, PageVerdict
from tasks.mail.facts import Known


def _item(notice: Notice, known: Known) -> str | None:
    item = known.items.get(int(notice.facts.get("item_id", 0)))
    return "item ended" if item is not None and item.state is not ItemState.OPEN else None


def _decision(notice: Notice, known: Known) -> str | None:
    request = known.requests.get(notice.subject_id)
    waits = request is None or request.state is RequestState.AWAITING_DECISION
    return None if waits else "request moved on"


def _mending(notice: Notice, known: Known) -> str | None:
    """Sent back a second time with other reasons, it has a newer notice that names those."""
    request = known.requests.get(notice.subject_id)
    if request is None:
        return None
    if request.state is not RequestState.SENT_BACK:
        return "request moved on"
    newer = request.reasons and list(request.reasons) != list(notice.facts.get("reasons", ()))
    return "sent back anew" if newer else None


def _gates(notice: Notice, known: Known) -> str | None:
    access = known.accesses.get(notice.subject_id)
    asked = {AccessState.WAITING, AccessState.SUSPENDED}  # also before a suspended one comes back
    return "access moved on" if access is not None and access.state not in asked else None


def _at_risk(notice: Notice, known: Known) -> str | None:
    access = known.accesses.get(notice.subject_id)
    return "access moved on" if access is not None and access.state is not AccessState.GRANTED else None


def _creating(notice: Notice, known: Known) -> str | None:
    account = known.accounts.get(notice.subject_id)
    if account is None:
        return None
    if account.state not in {AccountState.APPROVED, AccountState.PREPARING}:
        return "account moved on"
    return "account reported" if account.reported_at is not None else None


def _page(notice: Notice, known: Known) -> str | None:
    account, latest = known.accounts.get(notice.subject_id), known.latest_check.get(notice.subject_id)
    if account is not None and account.state in {AccountState.CLOSED, AccountState.WITHDRAWN}:
        return "account ended"
    mended = latest is not None and latest.verdict in {PageVerdict.EXACT, PageVerdict.LINKED}
    return "notice is on the page" if mended else None


def _findings(notice: Notice, known: Known) -> str | None:
    found = [known.findings[one] for one in notice.facts.get("finding_ids", ()) if one in known.findings]
    return "findings resolved" if found and all(one.resolved_at for one in found) else None


def _back(notice: Notice, known: Known) -> str | None:
    account = known.accounts.get(notice.subject_id)
    return "account moved on" if account is not None and account.state is not AccountState.SUSPENDED else None


ASKS: Mapping[NoticeKind, Callable[[Notice, Known], str | None]] = {
    NoticeKind.REQUEST_SENT_BACK: _mending,
    NoticeKind.DECISION_WANTED: _decision,
    NoticeKind.GATES_OPEN: _gates,
    NoticeKind.ACCESS_AT_RISK: _at_risk,
    NoticeKind.CREATE_THE_ACCOUNT: _creating,
    NoticeKind.MEND_THE_NOTICE: _page,
    NoticeKind.ITEM_REMINDER: _item,
    NoticeKind.ITEM_ESCALATED: _item,
    NoticeKind.FINDINGS: _findings,
    NoticeKind.SUSPENSION_AHEAD: _findings,
    NoticeKind.REINSTATEMENT_WANTED: _back,
}


def gone(notice: Notice, known: Known) -> str | None:
    """A code for why the notice need not leave any more; None where it must."""
    asks = ASKS.get(notice.kind)
    return asks(notice, known) if asks is not None else None

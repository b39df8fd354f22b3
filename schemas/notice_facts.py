"""What each kind of notice must be given: one frozen model a kind, and what the notice is about.

A `Tell` step carries these as `Notice.facts`: ids, dates, counts, clause ids and reasons without names.
Names, handles and schools are looked up from the ids when the mail is made, so they are never stale
and the outbox holds nobody's name. `check` is what a writer of the outbox calls before it writes.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.errors import BadInput
from schemas.notices import NoticeKind
from schemas.words import ItemKind, SubjectKind


class Facts(BaseModel):
    """The root of them all: frozen, and a fact that the kind does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def stored(self) -> dict[str, Any]:
        """As JSON keeps it in `Notice.facts`."""
        return self.model_dump(mode="json")


class NoFacts(Facts):
    """Everything to say is found from the subject."""


class RequestSentBack(Facts):
    """To the requester. About a request: every reason at once, and the day until which to mend it.

    After `closes_on` the request is closed by itself.
    """

    reasons: tuple[str, ...] = Field(min_length=1)
    mend_by: date
    closes_on: date


class DecisionWanted(Facts):
    """To whoever decides. About a request (5, 6)."""

    due_on: date


class RequestWithdrawn(Facts):
    """To whoever was waiting for it. About a request, or the account that came of it."""

    by_id: int | None = None  # the person who withdrew it


class RequestAbandoned(Facts):
    """To the requester. About a request that was not mended until `mend_by`."""

    mend_by: date


class GatesOpen(Facts):
    """To the person. About an access: the gates still closed, in the order to do them (5.2, 5.3, 5.6)."""

    gates: tuple[ItemKind, ...] = Field(min_length=1)
    due_on: date


class AccessAtRisk(Facts):
    """To the person. About an access that they keep through `due_on`, and after it only if they did `ask`."""

    clause: str
    ask: ItemKind
    due_on: date
    because: Literal["missing", "lapses"] = "missing"


class AccessSuspended(Facts):
    """To the person, and the account's other administrators. About an access.

    `ask` is what the person can do to have it back, `due_on` until when; none where only others can.
    """

    clause: str
    ask: ItemKind | None = None
    due_on: date | None = None


class AccessRevoked(Facts):
    """To the person. About an access."""

    clause: str


class CreateTheAccount(Facts):
    """To the administrator who creates it. About an account."""

    due_on: date


class MendTheNotice(Facts):
    """To the account's administrators. About an account; `check_id` is the look at its page (8)."""

    check_id: int
    due_on: date


class AccountSuspended(Facts):
    """To its administrators and the custodian. About an account."""

    clause: str
    mend_by: date | None = None
    suspension_id: int | None = None  # where somebody decided it: their reason is read there


class AccountReinstated(Facts):
    """To its administrators and the custodian. About an account."""

    suspension_id: int


class AccountClosed(Facts):
    """To its administrators and the requester. About an account."""

    clause: str
    because: Literal["abandoned", "withdrawn", "decided", "not mended"] = "decided"


class ItemFacts(Facts):
    """To whoever is asked (reminder) or asked instead (escalated). About an item or the item's subject."""

    item_id: int


class ItemEscalated(ItemFacts):
    """To the office that an item climbed to: it is late, or nobody is there who was asked."""

    because: Literal["late", "nobody there"] = "late"


class Findings(Facts):
    """To whoever can mend them. About an account, a person or a school; `more` are not listed."""

    finding_ids: tuple[int, ...] = Field(min_length=1)
    more: int = 0


class ClauseTonight(Facts):
    """One clause after a sweep: accounts that violate it, findings that are new and that were mended."""

    clause: str
    violated: int
    new: int
    mended: int


class Ever(Facts):
    """How many findings of a clause there ever were, and how many of them were mended."""

    opened: int = 0
    mended: int = 0


class SweepSummary(Facts):
    """To Communications, about the rules: what changed since the last one, a line a clause.

    `unheard`: live accounts with findings and no active person to notify. `ever`: what
    it knew of, for the next one to count from.
    """

    clauses: tuple[ClauseTonight, ...] = Field(min_length=1)
    unheard: int = 0
    ever: dict[str, Ever] = Field(default_factory=dict)


class SuspensionAhead(Facts):
    """To whoever can mend these findings. About an account: what is suspended after `mend_by` if they can't.

    `of` "access": only the receiver's own access; `of` "account": the account.
    """

    finding_ids: tuple[int, ...] = Field(min_length=1)
    mend_by: date
    of: Literal["account", "access"]


class ReinstatementWanted(Facts):
    """To Communications. About a suspended account whose cause is mended, or that somebody asks for."""

    because: Literal["mended", "asked"]
    due_on: date
    by_id: int | None = None  # who asks
    suspension_id: int | None = None


class RotationDue(Facts):
    """To an account's administrators. About an account whose password is to be changed until `due_on`."""

    due_on: date
    because: Literal["year", "loss"]


class Rotated(Facts):
    """To whoever must have the new password. About an account; never to what it was changed."""

    rotated_on: date
    rotated_by_id: int
    due_on: date  # to confirm to have it


class ListReviewDue(Facts):
    """To an account's administrators. About an account, whose list of them is to be looked at (11)."""

    due_on: date
    administrator_ids: tuple[int, ...]


class ListReviewed(Facts):
    """To the other administrators and Communications. About an account; `removed` lost access by it."""

    reviewed_on: date
    by_id: int
    removed: int


FACTS: Mapping[NoticeKind, type[Facts]] = {
    NoticeKind.REQUEST_SENT_BACK: RequestSentBack,
    NoticeKind.DECISION_WANTED: DecisionWanted,
    NoticeKind.REQUEST_APPROVED: NoFacts,  # the decision is found from the request
    NoticeKind.REQUEST_DECLINED: NoFacts,
    NoticeKind.REQUEST_WITHDRAWN: RequestWithdrawn,
    NoticeKind.REQUEST_ABANDONED: RequestAbandoned,
    NoticeKind.NO_APPROVAL_NEEDED: NoFacts,
    NoticeKind.GATES_OPEN: GatesOpen,
    NoticeKind.ACCESS_AT_RISK: AccessAtRisk,
    NoticeKind.ACCESS_GRANTED: NoFacts,
    NoticeKind.ACCESS_SUSPENDED: AccessSuspended,
    NoticeKind.ACCESS_REVOKED: AccessRevoked,
    NoticeKind.CREATE_THE_ACCOUNT: CreateTheAccount,
    NoticeKind.MEND_THE_NOTICE: MendTheNotice,
    NoticeKind.ACCOUNT_LIVE: NoFacts,
    NoticeKind.ACCOUNT_SUSPENDED: AccountSuspended,
    NoticeKind.ACCOUNT_REINSTATED: AccountReinstated,
    NoticeKind.ACCOUNT_CLOSED: AccountClosed,
    NoticeKind.ITEM_REMINDER: ItemFacts,
    NoticeKind.ITEM_ESCALATED: ItemEscalated,
    NoticeKind.FINDINGS: Findings,
    NoticeKind.SWEEP_SUMMARY: SweepSummary,
    NoticeKind.SUSPENSION_AHEAD: SuspensionAhead,
    NoticeKind.REINSTATEMENT_WANTED: ReinstatementWanted,
    NoticeKind.ROTATION_DUE: RotationDue,
    NoticeKind.ROTATED: Rotated,
    NoticeKind.LIST_REVIEW_DUE: ListReviewDue,
    NoticeKind.LIST_REVIEWED: ListReviewed,
}

_REQUEST = frozenset({SubjectKind.REQUEST})
_ACCESS = frozenset({SubjectKind.ACCESS})
_ACCOUNT = frozenset({SubjectKind.ACCOUNT})

ABOUT: Mapping[NoticeKind, frozenset[SubjectKind]] = {
    NoticeKind.REQUEST_SENT_BACK: _REQUEST,
    NoticeKind.DECISION_WANTED: _REQUEST,
    NoticeKind.REQUEST_APPROVED: _REQUEST,
    NoticeKind.REQUEST_DECLINED: _REQUEST,
    NoticeKind.REQUEST_WITHDRAWN: _REQUEST | _ACCOUNT,
    NoticeKind.REQUEST_ABANDONED: _REQUEST,
    NoticeKind.NO_APPROVAL_NEEDED: _REQUEST,
    NoticeKind.GATES_OPEN: _ACCESS,
    NoticeKind.ACCESS_AT_RISK: _ACCESS,
    NoticeKind.ACCESS_GRANTED: _ACCESS,
    NoticeKind.ACCESS_SUSPENDED: _ACCESS,
    NoticeKind.ACCESS_REVOKED: _ACCESS,
    NoticeKind.CREATE_THE_ACCOUNT: _ACCOUNT,
    NoticeKind.MEND_THE_NOTICE: _ACCOUNT,
    NoticeKind.ACCOUNT_LIVE: _ACCOUNT,
    NoticeKind.ACCOUNT_SUSPENDED: _ACCOUNT,
    NoticeKind.ACCOUNT_REINSTATED: _ACCOUNT,
    NoticeKind.ACCOUNT_CLOSED: _ACCOUNT,
    NoticeKind.ITEM_REMINDER: frozenset(SubjectKind),
    NoticeKind.ITEM_ESCALATED: frozenset(SubjectKind),
    NoticeKind.SWEEP_SUMMARY: frozenset({SubjectKind.RULE}),
    NoticeKind.SUSPENSION_AHEAD: _ACCOUNT,
    NoticeKind.REINSTATEMENT_WANTED: _ACCOUNT,
    NoticeKind.ROTATION_DUE: _ACCOUNT,
    NoticeKind.ROTATED: _ACCOUNT,
    NoticeKind.LIST_REVIEW_DUE: _ACCOUNT,
    NoticeKind.LIST_REVIEWED: _ACCOUNT,
    NoticeKind.FINDINGS: frozenset({SubjectKind.ACCOUNT, SubjectKind.PERSON, SubjectKind.SCHOOL}),
}


def check(kind: NoticeKind, subject: SubjectKind, facts: Mapping[str, Any]) -> Facts:
    """The facts, typed. Raises BadInput where the kind needs others or is never about such a subject."""
    if subject not in ABOUT[kind]:
        raise BadInput(f"A notice {kind} can't be about a {subject}: see schemas.notice_facts.ABOUT.")
    try:
        return FACTS[kind].model_validate(facts)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()
        )
        raise BadInput(f"A notice {kind} needs other facts: {wrong}.") from None

"""What Steward writes to people about: one kind, one template folder under tasks/mail/templates."""

from collections.abc import Mapping
from enum import StrEnum


class NoticeKind(StrEnum):
    """The cause of a notice; the value names its template folder."""

    REQUEST_SENT_BACK = "request_sent_back"
    DECISION_WANTED = "decision_wanted"
    REQUEST_APPROVED = "request_approved"
    REQUEST_DECLINED = "request_declined"
    REQUEST_WITHDRAWN = "request_withdrawn"
    REQUEST_ABANDONED = "request_abandoned"
    NO_APPROVAL_NEEDED = "no_approval_needed"
    GATES_OPEN = "gates_open"
    ACCESS_AT_RISK = "access_at_risk"
    ACCESS_GRANTED = "access_granted"
    ACCESS_SUSPENDED = "access_suspended"
    ACCESS_REVOKED = "access_revoked"
    CREATE_THE_ACCOUNT = "create_the_account"
    MEND_THE_NOTICE = "mend_the_notice"
    ACCOUNT_LIVE = "account_live"
    ACCOUNT_SUSPENDED = "account_suspended"
    ACCOUNT_REINSTATED = "account_reinstated"
    ACCOUNT_CLOSED = "account_closed"
    ITEM_REMINDER = "item_reminder"
    ITEM_ESCALATED = "item_escalated"
    FINDINGS = "findings"
    SWEEP_SUMMARY = "sweep_summary"
    SUSPENSION_AHEAD = "suspension_ahead"
    REINSTATEMENT_WANTED = "reinstatement_wanted"
    ROTATION_DUE = "rotation_due"
    ROTATED = "rotated"
    LIST_REVIEW_DUE = "list_review_due"
    LIST_REVIEWED = "list_reviewed"


class Urgency(StrEnum):
    """When a notice may leave (4)."""

    URGENT = "urgent"  # at once, at any hour
    NORMAL = "normal"  # on its own, within the person's working hours
    LOW = "low"  # gathered into the person's one digest of the day


URGENCY: Mapping[NoticeKind, Urgency] = {
    NoticeKind.REQUEST_SENT_BACK: Urgency.NORMAL,
    NoticeKind.DECISION_WANTED: Urgency.NORMAL,
    NoticeKind.REQUEST_APPROVED: Urgency.NORMAL,
    NoticeKind.REQUEST_DECLINED: Urgency.NORMAL,
    NoticeKind.REQUEST_WITHDRAWN: Urgency.NORMAL,
    NoticeKind.REQUEST_ABANDONED: Urgency.NORMAL,
    NoticeKind.NO_APPROVAL_NEEDED: Urgency.NORMAL,
    NoticeKind.GATES_OPEN: Urgency.NORMAL,
    NoticeKind.ACCESS_AT_RISK: Urgency.NORMAL,
    NoticeKind.ACCESS_GRANTED: Urgency.NORMAL,
    NoticeKind.ACCESS_SUSPENDED: Urgency.URGENT,
    NoticeKind.ACCESS_REVOKED: Urgency.URGENT,
    NoticeKind.CREATE_THE_ACCOUNT: Urgency.NORMAL,
    NoticeKind.MEND_THE_NOTICE: Urgency.NORMAL,
    NoticeKind.ACCOUNT_LIVE: Urgency.NORMAL,
    NoticeKind.ACCOUNT_SUSPENDED: Urgency.URGENT,
    NoticeKind.ACCOUNT_REINSTATED: Urgency.NORMAL,
    NoticeKind.ACCOUNT_CLOSED: Urgency.NORMAL,
    NoticeKind.ITEM_REMINDER: Urgency.LOW,
    NoticeKind.ITEM_ESCALATED: Urgency.LOW,
    NoticeKind.FINDINGS: Urgency.LOW,
    NoticeKind.SWEEP_SUMMARY: Urgency.LOW,
    NoticeKind.SUSPENSION_AHEAD: Urgency.NORMAL,
    NoticeKind.REINSTATEMENT_WANTED: Urgency.NORMAL,
    NoticeKind.ROTATION_DUE: Urgency.NORMAL,
    NoticeKind.ROTATED: Urgency.NORMAL,
    NoticeKind.LIST_REVIEW_DUE: Urgency.NORMAL,
    NoticeKind.LIST_REVIEWED: Urgency.LOW,
}


class NoticeState(StrEnum):
    """Where a notice is in the outbox."""

    PENDING = "pending"  # to be sent at `not_before` or later
    SENDING = "sending"  # leased by one sender until `lease_until`
    SENT = "sent"  # the server said 250
    PARKED = "parked"  # a person must look: it is refused, or was tried for as long as the policy says
    DEAD = "dead"  # its cause went, or its person left, before it could leave

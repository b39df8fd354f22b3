"""What happens, and which lifecycles it wakes."""

from collections.abc import Mapping
from enum import StrEnum


class Lifecycle(StrEnum):
    """A flow that drains what is due. The value is its deployment's name."""

    ACCOUNT_CREATION = "account-creation"
    TRAINING_GATE = "training-gate"
    DISCLAIMER_VERIFICATION = "disclaimer-verification"
    CREDENTIAL_ROTATION = "credential-rotation"
    NOTICE_DELIVERY = "notice-delivery"
    NIGHTLY_SWEEP = "nightly-sweep"


class EventKind(StrEnum):
    """Something that is so since its transaction. The value is also the Prefect event's name."""

    REQUEST_SUBMITTED = "steward.request.submitted"
    REQUEST_WITHDRAWN = "steward.request.withdrawn"
    DECISION_RECORDED = "steward.decision.recorded"
    COMPLETION_RECORDED = "steward.completion.recorded"
    COMPLETION_VOIDED = "steward.completion.voided"
    GATE_MET = "steward.gate.met"
    ACCESS_CHANGED = "steward.access.changed"
    ACCOUNT_REPORTED = "steward.account.reported"
    PAGE_CHECKED = "steward.page.checked"
    ACCOUNT_LIVE = "steward.account.live"
    ACCOUNT_SUSPENDED = "steward.account.suspended"
    ACCOUNT_REINSTATED = "steward.account.reinstated"
    ROSTER_IMPORTED = "steward.roster.imported"
    ACCOUNTS_IMPORTED = "steward.accounts.imported"
    ROTATION_RECORDED = "steward.rotation.recorded"
    NOTICES_WAITING = "steward.notices.waiting"


WAKES: Mapping[EventKind, tuple[Lifecycle, ...]] = {
    EventKind.REQUEST_SUBMITTED: (Lifecycle.ACCOUNT_CREATION,),
    EventKind.REQUEST_WITHDRAWN: (Lifecycle.NOTICE_DELIVERY,),
    EventKind.DECISION_RECORDED: (Lifecycle.TRAINING_GATE,),
    EventKind.COMPLETION_RECORDED: (Lifecycle.TRAINING_GATE,),
    EventKind.COMPLETION_VOIDED: (Lifecycle.TRAINING_GATE,),
    EventKind.GATE_MET: (Lifecycle.TRAINING_GATE,),
    EventKind.ACCESS_CHANGED: (Lifecycle.ACCOUNT_CREATION, Lifecycle.CREDENTIAL_ROTATION),
    EventKind.ACCOUNT_REPORTED: (Lifecycle.DISCLAIMER_VERIFICATION,),
    EventKind.PAGE_CHECKED: (Lifecycle.ACCOUNT_CREATION,),
    EventKind.ACCOUNT_LIVE: (),
    EventKind.ACCOUNT_SUSPENDED: (Lifecycle.NOTICE_DELIVERY,),
    # what its people's gates say may have changed while it was suspended
    EventKind.ACCOUNT_REINSTATED: (Lifecycle.TRAINING_GATE, Lifecycle.NOTICE_DELIVERY),
    # who left is revoked by the gate, and that wakes credential rotation
    EventKind.ROSTER_IMPORTED: (Lifecycle.TRAINING_GATE, Lifecycle.ACCOUNT_CREATION),
    EventKind.ACCOUNTS_IMPORTED: (
        Lifecycle.TRAINING_GATE,
        Lifecycle.ACCOUNT_CREATION,
        Lifecycle.NOTICE_DELIVERY,
    ),
    EventKind.ROTATION_RECORDED: (Lifecycle.NOTICE_DELIVERY,),
    EventKind.NOTICES_WAITING: (Lifecycle.NOTICE_DELIVERY,),
}


class WakeState(StrEnum):
    """Where a wake-up of one lifecycle is."""

    PENDING = "pending"  # no run has been asked for yet
    ASKED = "asked"  # a run was asked for and will take it when it starts
    TAKEN = "taken"  # a run that gathers after taking it
    DONE = "done"  # that run ended well

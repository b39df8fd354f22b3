"""What happens, and how far a wake-up is. What wakes a lifecycle, the lifecycle declares itself."""

from enum import StrEnum


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
    ADMINISTRATORS_NAMED = "steward.administrators.named"
    ACCOUNT_LIVE = "steward.account.live"
    ACCOUNT_SUSPENDED = "steward.account.suspended"
    ACCOUNT_REINSTATED = "steward.account.reinstated"
    ROSTER_IMPORTED = "steward.roster.imported"
    PEOPLE_CHANGED = "steward.people.changed"  # offices, absences, or who somebody is
    ACCOUNTS_IMPORTED = "steward.accounts.imported"
    ROTATION_RECORDED = "steward.rotation.recorded"
    BRAKE_RELEASED = "steward.brake.released"
    NOTICES_WAITING = "steward.notices.waiting"


class WakeState(StrEnum):
    """Where a wake-up of one lifecycle is."""

    PENDING = "pending"  # no run has been asked for yet
    ASKED = "asked"  # a run was asked for and will take it when it starts
    TAKEN = "taken"  # a run that gathers after taking it
    DONE = "done"  # that run ended well

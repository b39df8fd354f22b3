"""The lifecycle states and, beside each enum, everything that must be known about every one of them.

Two tables stand beside each enum: `TRANSITIONS` (what may follow) and `OWNER` (whose move it is). A test
holds each table to have every state; a notice says itself which states it tells of (`tells_of`). The
diagrams in docs/architecture.md are made from them.
"""

from collections.abc import Mapping
from enum import StrEnum


class LifecycleState(StrEnum):
    """Text, but never equal to another lifecycle's state of the same name.

    A request is "approved" and so is an account; an account is "suspended" and so is an access. Were they
    equal, as plain text enums are, one would take the other's place in the tables below.
    """

    def __eq__(self, other: object) -> bool:
        if isinstance(other, LifecycleState) and type(other) is not type(self):
            return False
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


class RequestState(LifecycleState):
    """A request for an account, from being handed in to its end."""

    SUBMITTED = "submitted"
    SENT_BACK = "sent back"
    AWAITING_DECISION = "awaiting decision"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ABANDONED = "abandoned"
    NOT_NEEDED = "not needed"


class AccountState(LifecycleState):
    """An account that somebody approved. Without approval there is no row: rows are what may exist."""

    APPROVED = "approved"
    PREPARING = "preparing"
    LIVE = "live"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class AccessState(LifecycleState):
    """One person's access to one account."""

    WAITING = "waiting"
    GRANTED = "granted"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class LeaveState(LifecycleState):
    """Leave for what the policy otherwise tells people to avoid, from being asked for to its end."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    REVOKED = "revoked"


class IncidentState(LifecycleState):
    """A report that a policy or a law was broken, from being made to its end."""

    REPORTED = "reported"
    HEARD = "being heard"
    TO_DECIDE = "to be decided"
    DECIDED = "decided"
    APPEALED = "appealed"
    CLOSED = "closed"
    DISMISSED = "dismissed"


class Owner(StrEnum):
    """Whose move it is while a subject is in a state."""

    STEWARD = "Steward"
    REQUESTER = "the requester"
    DECIDER = "the decider"
    ADMINISTRATORS = "its administrators"
    PERSON = "the person"
    SUSPENDING_OFFICE = "the office that suspends"
    NOBODY = "nobody: it has ended"


State = RequestState | AccountState | AccessState | LeaveState | IncidentState

TRANSITIONS: Mapping[State, frozenset[State]] = {
    RequestState.SUBMITTED: frozenset(
        {
            RequestState.SENT_BACK,
            RequestState.AWAITING_DECISION,
            RequestState.NOT_NEEDED,
            RequestState.WITHDRAWN,
        }
    ),
    RequestState.SENT_BACK: frozenset(
        {RequestState.SUBMITTED, RequestState.WITHDRAWN, RequestState.ABANDONED}
    ),
    RequestState.AWAITING_DECISION: frozenset(
        {
            RequestState.APPROVED,
            RequestState.DECLINED,
            RequestState.SENT_BACK,
            RequestState.WITHDRAWN,
        }
    ),
    RequestState.APPROVED: frozenset({RequestState.AWAITING_DECISION}),
    RequestState.DECLINED: frozenset({RequestState.AWAITING_DECISION}),
    RequestState.WITHDRAWN: frozenset(),
    RequestState.ABANDONED: frozenset(),
    RequestState.NOT_NEEDED: frozenset(),
    AccountState.APPROVED: frozenset({AccountState.PREPARING, AccountState.WITHDRAWN, AccountState.CLOSED}),
    AccountState.PREPARING: frozenset(
        {AccountState.APPROVED, AccountState.LIVE, AccountState.WITHDRAWN, AccountState.CLOSED}
    ),
    AccountState.LIVE: frozenset({AccountState.SUSPENDED, AccountState.CLOSED}),
    AccountState.SUSPENDED: frozenset({AccountState.LIVE, AccountState.CLOSED}),
    AccountState.CLOSED: frozenset({AccountState.APPROVED}),
    AccountState.WITHDRAWN: frozenset(),
    AccessState.WAITING: frozenset({AccessState.GRANTED, AccessState.REVOKED}),
    AccessState.GRANTED: frozenset({AccessState.SUSPENDED, AccessState.REVOKED}),
    AccessState.SUSPENDED: frozenset({AccessState.GRANTED, AccessState.REVOKED}),
    AccessState.REVOKED: frozenset({AccessState.WAITING}),
    LeaveState.ASKED: frozenset(
        {LeaveState.GRANTED, LeaveState.REFUSED, LeaveState.WITHDRAWN, LeaveState.ENDED}
    ),
    LeaveState.GRANTED: frozenset({LeaveState.WITHDRAWN, LeaveState.ENDED, LeaveState.REVOKED}),
    LeaveState.REFUSED: frozenset(),
    LeaveState.WITHDRAWN: frozenset(),
    LeaveState.ENDED: frozenset(),
    LeaveState.REVOKED: frozenset(),
    IncidentState.REPORTED: frozenset({IncidentState.HEARD, IncidentState.DISMISSED}),
    IncidentState.HEARD: frozenset({IncidentState.TO_DECIDE}),
    IncidentState.TO_DECIDE: frozenset({IncidentState.DECIDED}),
    IncidentState.DECIDED: frozenset({IncidentState.APPEALED, IncidentState.CLOSED}),
    IncidentState.APPEALED: frozenset({IncidentState.CLOSED}),
    IncidentState.CLOSED: frozenset(),
    IncidentState.DISMISSED: frozenset(),
}

OWNER: Mapping[State, Owner] = {
    RequestState.SUBMITTED: Owner.STEWARD,
    RequestState.SENT_BACK: Owner.REQUESTER,
    RequestState.AWAITING_DECISION: Owner.DECIDER,
    RequestState.APPROVED: Owner.NOBODY,
    RequestState.DECLINED: Owner.NOBODY,
    RequestState.WITHDRAWN: Owner.NOBODY,
    RequestState.ABANDONED: Owner.NOBODY,
    RequestState.NOT_NEEDED: Owner.NOBODY,
    AccountState.APPROVED: Owner.ADMINISTRATORS,
    AccountState.PREPARING: Owner.ADMINISTRATORS,
    AccountState.LIVE: Owner.ADMINISTRATORS,
    AccountState.SUSPENDED: Owner.SUSPENDING_OFFICE,
    AccountState.CLOSED: Owner.NOBODY,
    AccountState.WITHDRAWN: Owner.NOBODY,
    AccessState.WAITING: Owner.PERSON,
    AccessState.GRANTED: Owner.PERSON,
    AccessState.SUSPENDED: Owner.PERSON,
    AccessState.REVOKED: Owner.NOBODY,
    LeaveState.ASKED: Owner.DECIDER,
    LeaveState.GRANTED: Owner.PERSON,
    LeaveState.REFUSED: Owner.NOBODY,
    LeaveState.WITHDRAWN: Owner.NOBODY,
    LeaveState.ENDED: Owner.NOBODY,
    LeaveState.REVOKED: Owner.NOBODY,
    IncidentState.REPORTED: Owner.DECIDER,
    IncidentState.HEARD: Owner.PERSON,
    IncidentState.TO_DECIDE: Owner.DECIDER,
    IncidentState.DECIDED: Owner.PERSON,
    IncidentState.APPEALED: Owner.DECIDER,
    IncidentState.CLOSED: Owner.NOBODY,
    IncidentState.DISMISSED: Owner.NOBODY,
}

#: Where a subject starts. Every other state is reached through a transition.
INITIAL: Mapping[type[State], State] = {
    RequestState: RequestState.SUBMITTED,
    AccountState: AccountState.APPROVED,
    AccessState: AccessState.WAITING,
    LeaveState: LeaveState.ASKED,
    IncidentState: IncidentState.REPORTED,
}


def has_ended(state: State) -> bool:
    """Whether it is nobody's move. What has ended may have a way back: an act of a person, or a return."""
    return OWNER[state] is Owner.NOBODY

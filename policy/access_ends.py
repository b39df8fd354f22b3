"""How somebody's access ends by a decision, and how it begins again. Pure.

A person who administers an account is named, replaced or taken off by acts. Whoever is taken off is told the
last day first; after it the training gate ends the access. Whoever is named passes the gates first.
"""

from datetime import date, datetime

from policy.authority import approving
from policy.model import Policy
from policy.notices.access import AccessRevoked
from schemas.events import EventKind
from schemas.facts import AccessFacts
from schemas.outcome import NOTHING, Emit, Move, Outcome, RoleAt, Settle, Step, Subject, Tell
from schemas.states import AccessState
from schemas.words import AccessEnd, ItemKind, SubjectKind

#: What an access has that begins again.
ANEW = {"ends_on": None, "ends_for": None, "suspended_for": None}


def last_day(policy: Policy, today: date) -> date:
    """The last day of what ends by a decision of today, so that those concerned can object."""
    return policy.calendar.due_after(today, school_days=policy.changes.notice_school_days)


def _subject(access: AccessFacts) -> Subject:
    return Subject(SubjectKind.ACCESS, access.id)


def begin_again(subject: Subject, version: int, control: str, cause: str, **changes: object) -> Move:
    """An access that had ended waits for its gates again."""
    return Move(
        subject, AccessState.REVOKED, version, AccessState.WAITING, control, cause, {**ANEW, **changes}
    )


def come_back(access: AccessFacts, policy: Policy) -> Outcome:
    """Who had left is here again: the accesses that the leaving took wait for their gates.

    What ended for another reason stays ended.
    """
    if not access.person_active or access.ends_for is not AccessEnd.LEFT:
        return NOTHING
    control = approving(policy, access.level)
    back = begin_again(_subject(access), access.version, control, "person is back")
    return Outcome(
        (back, Emit(EventKind.ACCESS_CHANGED, _subject(access))), "waits again: the person is back"
    )


def end_announced(access: AccessFacts, policy: Policy, _now: datetime) -> Outcome:
    """Its last day is over: the access ends, and so does what was asked of the person for it."""
    why = access.ends_for or AccessEnd.TAKEN_OFF
    control = approving(policy, access.level)
    steps = end_now(_subject(access), access.state, access.version, access.person_id, why, control)
    return Outcome(steps, f"revoked: {why}")


def end_now(
    subject: Subject,
    state: AccessState,
    version: int,
    person_id: int,
    why: AccessEnd,
    control: str,
    others: tuple[int | RoleAt, ...] = (),
    *,
    by_id: int | None = None,
    change_id: int | None = None,
) -> tuple[Step, ...]:
    """An access ends. The person is told where they really had it; and `others`, who must take them off.

    `change_id`: the decision of `by_id` with its reason, where nobody has read of it yet.
    """
    ends = {"ends_on": None, "ends_for": why, "suspended_for": None}
    told = AccessRevoked(control=control, by_id=by_id, change_id=change_id)
    cause = f"{subject}/v{version}/revoked"
    people = () if state is AccessState.WAITING else (person_id, *others)
    return (
        Move(subject, state, version, AccessState.REVOKED, control, why.value, ends),
        Settle(about=subject, kinds=tuple(ItemKind), done=False),
        *(Tell(told, one, cause, subject) for one in people),
        Emit(EventKind.ACCESS_CHANGED, subject),
    )

"""What happens next with a leave, and who may decide it. Pure.

The nearest who may decide is asked: the direct supervisor or an office, then those that step in. Never the
person, nor anybody who stands under them, nor a deputy in the stead of one of these; nor an office below the
one that the person holds.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from policy.authority import Acting, impartial, policy_office
from policy.controls import Mode
from policy.controls.leave import OnLeave
from policy.model import Policy
from policy.notices.leaves import (
    LeaveDecided,
    LeaveEnded,
    LeaveEndsSoon,
    LeaveRevoked,
    LeaveWanted,
    LeaveWithdrawn,
)
from schemas.errors import NotAllowed
from schemas.leave_facts import LeaveDecider, LeaveDeciders, LeaveFacts
from schemas.outcome import NOTHING, Ask, Move, Outcome, RoleAt, Settle, Step, Subject, Tell
from schemas.states import LeaveState
from schemas.words import ItemKind, LeaveVerdict, SubjectKind


def leave_controls(policy: Policy) -> tuple[OnLeave, ...]:
    """The controls under which leave is asked for."""
    return tuple(one for one in policy.of(OnLeave) if one.mode is Mode.ENFORCE)


def leave_control(policy: Policy, name: str) -> OnLeave | None:
    """The control of a leave; None where the policy has it no more."""
    return next((one for one in policy.of(OnLeave) if one.name == name), None)


def whom_to_ask(
    policy: Policy, control: str, supervisor_id: int | None, school_id: int | None
) -> tuple[int | RoleAt, ...]:
    """Whom a leave is asked of, the nearest first. Who keeps the policy, where the control is gone."""
    found = leave_control(policy, control)
    if found is None:
        return (policy_office(policy),)
    if found.decided_by is not None:
        return RoleAt(found.decided_by), RoleAt(found.otherwise)
    supervisor = () if supervisor_id is None else (supervisor_id,)
    school = () if school_id is None else (RoleAt(policy.duties.runs_school, school_id),)
    return (*supervisor, *school, RoleAt(found.otherwise))


def _concerned(deciders: LeaveDeciders) -> frozenset[int]:
    return frozenset({deciders.person_id, *deciders.under})


def _everybody(deciders: LeaveDeciders) -> tuple[Acting, ...]:
    return (*(one for decider in deciders.nearest for one in decider.people), *deciders.climbed)


def _free(deciders: LeaveDeciders, people: Sequence[Acting]) -> list[Acting]:
    return impartial(people, _concerned(deciders), _everybody(deciders))


def barred(deciders: LeaveDeciders) -> tuple[int, ...]:
    """Who is not asked, although they hold the office: the person, who stands under them, their deputies."""
    who = deciders.person_id
    everybody = [one for decider in deciders.nearest for one in decider.people]
    free = {person for person, _ in _free(deciders, everybody)}
    return (who, *sorted({person for person, _ in everybody} - free - {who}))


def _above(deciders: LeaveDeciders) -> tuple[LeaveDecider, ...]:
    """Those who do not stand below the person: where they hold an office themselves, the offices after it.

    Of the last office it is a colleague; a supervisor who was named stands above in any case.
    """
    nearest, mine = deciders.nearest, (deciders.person_id, None)
    own = [place for place, one in enumerate(nearest) if isinstance(one.asked, RoleAt) and mine in one.people]
    begin = min(max(own, default=-1) + 1, len(nearest) - 1)
    return tuple(one for one in nearest[:begin] if isinstance(one.asked, int)) + nearest[begin:]


def decider(deciders: LeaveDeciders) -> LeaveDecider | None:
    """Who decides today: the nearest with somebody who may; None where there is nobody."""
    return next((one for one in _above(deciders) if _free(deciders, one.people)), None)


def may_decide_leave(deciders: LeaveDeciders, person_id: int, policy: Policy, control: str) -> int | None:
    """Whether a person may decide a leave today; the person they deputize for, or None.

    Raises NotAllowed naming the clause and who may.
    """
    nearest = decider(deciders)
    for person, deputy_for in _free(deciders, (*(nearest.people if nearest else ()), *deciders.climbed)):
        if person == person_id:
            return deputy_for
    asked = nearest.asked if nearest else deciders.nearest[-1].asked
    office = f"the {policy.label(asked.role)}" if isinstance(asked, RoleAt) else "the direct supervisor"
    own = " (never the person, nor who works under them)" if person_id in barred(deciders) else ""
    raise NotAllowed(f"Only {office} or a deputy{own} decides on this leave{policy.cited(control)}.")


def last_day_at_most(control: OnLeave, starts_on: date) -> date:
    """The last day that a leave from this day on can have."""
    return starts_on + timedelta(days=control.at_most_days - 1)


def reminded_on(control: OnLeave | None, starts_on: date, ends_on: date) -> date:
    """The day on which the person is reminded that it ends: at half of a short leave."""
    days = control.reminded_days_before if control is not None else 0
    return ends_on - timedelta(days=min(days, (ends_on - starts_on).days // 2))


def _subject(leave: LeaveFacts) -> Subject:
    return Subject(SubjectKind.LEAVE, leave.id)


def _key(leave: LeaveFacts, asked: int | RoleAt) -> str:
    whom = f"{asked.role}/{asked.school_id or 'all'}" if isinstance(asked, RoleAt) else f"person:{asked}"
    return f"{_subject(leave)}/decide/{whom}"


def decide_leave(leave: LeaveFacts, policy: Policy, now: datetime) -> Outcome:
    """What happens next by itself: it is asked of whoever decides today, its end comes near, or it ends.

    It ends after its last day, and when the person has left. One that nobody decided ends in the same way.
    """
    today = policy.calendar.today(now)
    if leave.state not in {LeaveState.ASKED, LeaveState.GRANTED}:
        return NOTHING
    if not leave.person_active:
        return _end(leave, "the person has left", tell=False)
    if today > leave.ends_on:
        decided = leave.state is LeaveState.GRANTED
        goes_on = leave.renewal is LeaveState.GRANTED
        return _end(leave, "its last day is over" if decided else "nobody decided", tell=not goes_on)
    if leave.state is LeaveState.ASKED:
        return ask_decider(leave, policy, now)
    day = reminded_on(leave_control(policy, leave.control), leave.starts_on, leave.ends_on)
    if today < day or leave.told_of_end or leave.renewal in {LeaveState.ASKED, LeaveState.GRANTED}:
        return NOTHING
    told = LeaveEndsSoon(ends_on=leave.ends_on)
    return Outcome((Tell(told, leave.person_id, cause_of_end(leave.id), _subject(leave)),), "told of its end")


def cause_of_end(leave: int) -> str:
    """The cause of the one letter that a leave ends soon."""
    return f"{Subject(SubjectKind.LEAVE, leave)}/ends soon"


def ask_decider(leave: LeaveFacts, policy: Policy, now: datetime) -> Outcome:
    """Ask whoever decides today, and nobody else any more; nothing where they are asked."""
    nearest = decider(leave.deciders) or leave.deciders.nearest[-1]
    key, subject, today = _key(leave, nearest.asked), _subject(leave), policy.calendar.today(now)
    if key in leave.asked:
        return NOTHING
    school_days = policy.terms(ItemKind.DECIDE_LEAVE).due_school_days
    due = min(
        policy.calendar.due_after(today, school_days=school_days),
        max(today, policy.calendar.school_day_by(leave.ends_on)),
    )
    told = LeaveWanted(due_on=due)
    return Outcome(
        (
            Settle(tuple(sorted(leave.asked)), done=False),
            Ask(key, ItemKind.DECIDE_LEAVE, nearest.asked, subject, leave.control, due),
            Tell(told, nearest.asked, f"{key}/{today}", subject, barred(leave.deciders)),
        ),
        "asked of who decides",
    )


def _move(leave: LeaveFacts, to: LeaveState, cause: str, **changes: object) -> Move:
    return Move(_subject(leave), leave.state, leave.version, to, leave.control, cause, changes)


def _end(leave: LeaveFacts, cause: str, *, tell: bool) -> Outcome:
    subject = _subject(leave)
    told = LeaveEnded(decided=leave.state is LeaveState.GRANTED)
    steps: tuple[Step, ...] = (
        _move(leave, LeaveState.ENDED, cause),
        Settle(about=subject, kinds=(ItemKind.DECIDE_LEAVE,), done=False),
    )
    letter = (Tell(told, leave.person_id, f"{subject}/ended", subject),) if tell else ()
    return Outcome((*steps, *letter), f"ended: {cause}")


def on_verdict(
    leave: LeaveFacts,
    verdict: LeaveVerdict,
    reason: str,
    *,
    by: tuple[int, int | None],
    ends_on: date,
    now: datetime,
) -> Outcome:
    """A decision on a leave, with the last day that it grants. `by`: who, and whom they deputize for."""
    to = {LeaveVerdict.GRANT: LeaveState.GRANTED, LeaveVerdict.REFUSE: LeaveState.REFUSED}[verdict]
    subject = _subject(leave)
    decided = {"decided_by_id": by[0], "deputy_for_id": by[1], "decided_at": now, "decided_because": reason}
    return Outcome(
        (
            _move(leave, to, f"decision: {verdict}", ends_on=ends_on, **decided),
            Settle(about=subject, kinds=(ItemKind.DECIDE_LEAVE,)),
            Tell(LeaveDecided(verdict=verdict), leave.person_id, f"{subject}/decided", subject),
        ),
        str(to),
    )


def revoke(leave: LeaveFacts, reason: str, *, by: int) -> Outcome:
    """A granted leave is revoked at once; the person reads by whom, and why."""
    subject = _subject(leave)
    return Outcome(
        (
            _move(leave, LeaveState.REVOKED, "revoked", ended_by_id=by, ended_because=reason),
            Tell(LeaveRevoked(by_id=by), leave.person_id, f"{subject}/revoked", subject),
        ),
        "revoked",
    )


def withdraw(leave: LeaveFacts) -> Outcome:
    """The person needs it no more; who was asked, or has granted it, reads that."""
    subject = _subject(leave)
    nearest = decider(leave.deciders) or leave.deciders.nearest[-1]
    whom = leave.decided_by_id if leave.decided_by_id is not None else nearest.asked
    return Outcome(
        (
            _move(leave, LeaveState.WITHDRAWN, "withdrawn", ended_by_id=leave.person_id),
            Settle(about=subject, kinds=(ItemKind.DECIDE_LEAVE,), done=False),
            Tell(LeaveWithdrawn(), whom, f"{subject}/withdrawn", subject, barred(leave.deciders)),
        ),
        "withdrawn",
    )

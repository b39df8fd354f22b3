"""What lies ahead of one person's access if nobody does anything: which day, and because of what. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from policy.brake import of_course, of_text
from policy.controls.text_acknowledged import TextAcknowledged
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.gates import Gate, course_gates, lacking
from policy.model import Policy
from policy.training_gate import announced, item_key, kept_through
from schemas.facts import AccessFacts
from schemas.language import half
from schemas.states import AccessState
from schemas.words import AccessEnd, BrakeOf, ItemKind

WAITS = "waits for an answer: steward brake list"


@dataclass(frozen=True)
class AccessAhead:
    """What comes on the first school day `after` that day, and how far it is."""

    after: date
    what: str
    control: str
    because: str
    stands: str


def access_ahead(
    access: AccessFacts, policy: Policy, today: date, waits: Collection[str] = ()
) -> tuple[AccessAhead, ...]:
    """Everything that would take this access, or ask for what keeps it, as things are on `today`.

    What is not asked for yet is shown as if it were asked for tonight. `waits`: the keys of the causes that
    the brake of the night holds.
    """
    if access.state is AccessState.REVOKED:
        return ()
    if not access.person_active:
        return (
            AccessAhead(
                today - timedelta(days=1), half("access ends"), "", AccessEnd.LEFT.value, "the next run"
            ),
        )
    if access.ends_on is not None:
        why = str(access.ends_for or "it was decided")
        return (AccessAhead(access.ends_on, half("access ends"), "", why, "announced"),)
    if access.state is not AccessState.GRANTED:
        return ()
    missing = lacking(access, policy, today)
    courses = [gate for gate in missing if gate.kind is ItemKind.COMPLETE_COURSE]
    found = [_of_course(access, gate, policy, today, waits) for gate in courses]
    found += _lapsing(access, courses, policy, today)
    found += [
        one
        for gate in missing
        if gate not in courses and (one := _of_text(access, gate, policy, today, waits)) is not None
    ]
    return tuple(found)


def _of_course(
    access: AccessFacts, gate: Gate, policy: Policy, today: date, waits: Collection[str]
) -> AccessAhead:
    title = policy.course_by_id(gate.what).title
    because = f"no completion of {title} that counts"
    asked = announced(access, gate)
    if asked:
        after = max(kept_through(one, gate, policy, today) for one in asked)
        held = of_course(BrakeOf.TAKE_FOR_COURSE, gate.control, gate.what, policy).key in waits
        told = all(one.told_at is not None for one in asked)
        stands = WAITS if held else "announced" if told else "announced, but no mail has left"
        return AccessAhead(after, half("access suspended"), gate.control, because, stands)
    control = policy.control(gate.control)
    days = control.grace_school_days if isinstance(control, TrainingBeforeAccess) else 0
    after = policy.calendar.due_after(today, school_days=days)
    held = of_course(BrakeOf.ASK_COURSE, gate.control, gate.what, policy).key in waits
    return AccessAhead(
        after, half("access suspended"), gate.control, because, WAITS if held else "not announced yet"
    )


def _lapsing(
    access: AccessFacts, missing: Collection[Gate], policy: Policy, today: date
) -> Iterator[AccessAhead]:
    """Courses that count today and are asked to be renewed already."""
    for gate in course_gates(access, policy):
        asked = announced(access, gate)
        if gate in missing or not asked:
            continue
        after = max(kept_through(one, gate, policy, today) for one in asked)
        title = policy.course_by_id(gate.what).title
        yield AccessAhead(after, half("access suspended"), gate.control, f"{title} lapses", "announced")


def _of_text(
    access: AccessFacts, gate: Gate, policy: Policy, today: date, waits: Collection[str]
) -> AccessAhead | None:
    """A text that is to be read: first its own day, then the days of what a finding leads to."""
    control, sanction = policy.control(gate.control), policy.sanction_of(gate.control)
    if sanction is None or not isinstance(control, TextAcknowledged):
        return None
    asked = access.asked.get(item_key(access, gate))
    due = (
        asked.due_on
        if asked
        else policy.calendar.due_after(today + timedelta(days=control.within_days), school_days=0)
    )
    after = policy.calendar.due_after(max(due, today), school_days=sanction.after_school_days)
    sent = (gate.what, gate.version) in access.sent
    held = of_text(gate).key in waits
    stands = "to be read, not announced yet" if sent else WAITS if held else "not sent yet"
    because = f"{gate.what}, version {gate.version}, is not acknowledged"
    return AccessAhead(after, half("access suspended"), gate.control, because, stands)

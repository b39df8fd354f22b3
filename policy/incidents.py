"""What happens next with a report that a policy or a law was broken, and who may decide on it. Pure."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import cast

from policy.authority import Acting, impartial, not_asked, policy_office
from policy.controls import Mode
from policy.controls.incident import Hearing
from policy.model import Policy
from policy.notices.incidents import (
    AppealToDecide,
    HeardOnReport,
    ReportClosed,
    ReportDecided,
    ReportLookedAt,
    ReportToDecide,
    ReportToTakeOn,
)
from schemas.errors import NotAllowed
from schemas.facts import IncidentFacts
from schemas.notices import NoticeFacts
from schemas.outcome import NOTHING, Ask, Move, Outcome, RoleAt, Settle, Step, Subject, Tell
from schemas.states import IncidentState
from schemas.words import ItemKind, SubjectKind

#: What can be waited for by an office.
_WAITS = (IncidentState.REPORTED, IncidentState.TO_DECIDE, IncidentState.APPEALED)


def hearing(policy: Policy) -> Hearing | None:
    """The control under which reports are made; None where the policy has none that acts."""
    return next((one for one in policy.of(Hearing) if one.mode is Mode.ENFORCE), None)


def breakable(policy: Policy) -> tuple[str, ...]:
    """What a report may say was broken: the policies, the laws, and the clauses that ask something."""
    found = hearing(policy)
    if found is None:
        return ()
    laws = tuple(one.name for one in policy.laws)
    return (*found.policies, *laws, *(one.id for one in policy.clauses if one.asks))


def offices(policy: Policy, state: IncidentState) -> tuple[RoleAt, ...]:
    """The offices that decide in a state, the nearest first: on an appeal the other one."""
    found = hearing(policy)
    if found is None:
        return (policy_office(policy),)
    both = (RoleAt(found.decided_by), RoleAt(found.otherwise))
    return both if state is not IncidentState.APPEALED else both[::-1]


def _everybody(facts: IncidentFacts) -> tuple[Acting, ...]:
    return (*(one for _, people in facts.offices for one in people), *facts.climbed)


def _free(facts: IncidentFacts, people: Sequence[Acting]) -> list[Acting]:
    return impartial(people, facts.barred, _everybody(facts))


def deciding(facts: IncidentFacts) -> RoleAt:
    """The office that decides today: the next where the first has nobody but people concerned, or away."""
    free = [(office, {one for one, _ in _free(facts, people)}) for office, people in facts.offices]
    here = (office for office, people in free if people - facts.away)
    return next(here, next((office for office, people in free if people), facts.offices[-1][0]))


def may_decide_report(facts: IncidentFacts, person_id: int, policy: Policy) -> int | None:
    """Whether a person may decide on it today; the person they deputize for, or None.

    Raises NotAllowed naming the clause and who may.
    """
    office = deciding(facts)
    nearer = [people for one, people in facts.offices[: [one for one, _ in facts.offices].index(office) + 1]]
    for one, deputy_for in _free(facts, (*(each for people in nearer for each in people), *facts.climbed)):
        if one == person_id:
            return deputy_for
    raise NotAllowed(
        f"Only the {policy.label(office.role)} or a deputy decides on this report"
        f"{policy.cited(facts.under)}, never who reported it, whom it is about, or who decided it before."
    )


def subject_of(incident: int) -> Subject:
    """A report as what something is about."""
    return Subject(SubjectKind.INCIDENT, incident)


def _told_not(facts: IncidentFacts) -> tuple[int, ...]:
    return tuple(sorted(not_asked(facts.barred, [one for _, people in facts.offices for one in people])))


def ask_office(facts: IncidentFacts, state: IncidentState, policy: Policy, today: date) -> tuple[Step, ...]:
    """Ask the office that decides in this state; nothing where it is asked."""
    subject, office = subject_of(facts.id), deciding(facts)
    key = f"{subject}/{state}/{office.role}"
    if key in facts.asked:
        return ()
    due = policy.calendar.due_after(today, school_days=policy.terms(ItemKind.DECIDE_REPORT).due_school_days)
    told: NoticeFacts = {
        IncidentState.REPORTED: ReportToTakeOn,
        IncidentState.TO_DECIDE: ReportToDecide,
        IncidentState.APPEALED: AppealToDecide,
    }[state](due_on=due)
    return (
        Settle(tuple(sorted(facts.asked)), done=False),
        Ask(key, ItemKind.DECIDE_REPORT, office, subject, facts.under, due),
        Tell(told, office, f"{key}/{today}", subject, _told_not(facts)),
    )


def move(facts: IncidentFacts, to: IncidentState, cause: str, **changes: object) -> Move:
    """The change of its state."""
    return Move(subject_of(facts.id), facts.state, facts.version, to, facts.under, cause, changes)


def settled(facts: IncidentFacts, *, done: bool = True) -> Settle:
    """What was asked about it has ended."""
    kinds = (ItemKind.DECIDE_REPORT, ItemKind.ANSWER_REPORT)
    return Settle(about=subject_of(facts.id), kinds=kinds, done=done)


def decide_incident(facts: IncidentFacts, policy: Policy, now: datetime) -> Outcome:
    """What happens next by itself: days to answer or to appeal are over, or another office decides now."""
    today = policy.calendar.today(now)
    if facts.state in _WAITS:
        return Outcome(ask_office(facts, facts.state, policy, today), "asked of who decides")
    if facts.state is IncidentState.HEARD:
        late = facts.answer_by is not None and today > facts.answer_by
        if late or not facts.person_active:
            cause = "no answer in time" if late else "the person has left"
            steps = (move(facts, IncidentState.TO_DECIDE, cause), settled(facts, done=False))
            asks = ask_office(facts, IncidentState.TO_DECIDE, policy, today)
            return Outcome((*steps, *asks[1:]), cause)
    if facts.state is IncidentState.DECIDED and (facts.appeal_by is None or today > facts.appeal_by):
        told = _closed(facts) if facts.appeal_by is not None else ()  # else the decision said: final
        return Outcome((move(facts, IncidentState.CLOSED, "no appeal"), *told), "closed: no appeal")
    return NOTHING


def _closed(facts: IncidentFacts) -> tuple[Step, ...]:
    if facts.person_id is None:
        return ()
    subject = subject_of(facts.id)
    return (Tell(ReportClosed(), facts.person_id, f"{subject}/closed", subject),)


def take_on(facts: IncidentFacts, person: int, policy: Policy, today: date) -> Outcome:
    """It is taken on: the person is told what is said, and has their days to answer."""
    found = hearing(policy)
    days = found.answer_school_days if found is not None else 1
    due, subject = policy.calendar.due_after(today, school_days=days), subject_of(facts.id)
    return Outcome(
        (
            move(facts, IncidentState.HEARD, "taken on", person_id=person, answer_by=due),
            settled(facts),
            Ask(f"{subject}/answer", ItemKind.ANSWER_REPORT, person, subject, facts.under, due),
            Tell(HeardOnReport(due_on=due), person, f"{subject}/heard", subject),
        ),
        "taken on",
    )


def dismiss(facts: IncidentFacts, reason: str, by: tuple[int, int | None], now: datetime) -> Outcome:
    """It is not taken on; who reported it reads why."""
    subject = subject_of(facts.id)
    told = Tell(ReportLookedAt(dismissed=True), facts.reported_by_id, f"{subject}/dismissed", subject)
    decided = {"decided_by_id": by[0], "deputy_for_id": by[1], "decided_because": reason, "decided_at": now}
    return Outcome((move(facts, IncidentState.DISMISSED, "dismissed", **decided), settled(facts), told))


def answered(facts: IncidentFacts, answer: str, policy: Policy, today: date) -> Outcome:
    """The person has answered: the office decides."""
    asks = ask_office(facts, IncidentState.TO_DECIDE, policy, today)
    return Outcome(
        (move(facts, IncidentState.TO_DECIDE, "answered", answer=answer), settled(facts), *asks[1:])
    )


def is_final(facts: IncidentFacts, by: tuple[int, int | None], policy: Policy) -> bool:
    """Whether who decides, and for whom, does so by the office that decides appeals: there is none then."""
    people = {office.role: found for office, found in facts.offices}
    found = hearing(policy)
    if found is None or by[0] in {one for one, _ in people.get(found.decided_by, ())}:
        return False
    return by in people.get(found.otherwise, ())


def decided(
    facts: IncidentFacts, changes: dict[str, object], policy: Policy, today: date
) -> tuple[Outcome, date | None]:
    """It is decided; the person reads how and until when they may appeal, the reporter that it was.

    The last day to appeal; None where whoever decides appeals has decided already.
    """
    found = hearing(policy)
    days = found.appeal_school_days if found is not None else 1
    by = cast("tuple[int, int | None]", (changes["decided_by_id"], changes["deputy_for_id"]))
    last = None if is_final(facts, by, policy) else policy.calendar.due_after(today, school_days=days)
    subject = subject_of(facts.id)
    steps: list[Step] = [
        move(facts, IncidentState.DECIDED, f"decision: {changes['verdict']}", **changes, appeal_by=last),
        settled(facts),
        Tell(ReportLookedAt(dismissed=False), facts.reported_by_id, f"{subject}/looked at", subject),
    ]
    if facts.person_id is not None:
        steps.append(Tell(ReportDecided(), facts.person_id, f"{subject}/decided", subject))
    return Outcome(tuple(steps), "decided"), last


def appealed(facts: IncidentFacts, why: str, policy: Policy, today: date) -> Outcome:
    """The person appeals: the other office decides. `facts` are those of the appeal."""
    asks = ask_office(facts, IncidentState.APPEALED, policy, today)
    return Outcome((move(facts, IncidentState.APPEALED, "appealed", appeal=why), *asks[1:]))


def appeal_decided(facts: IncidentFacts, changes: dict[str, object]) -> Outcome:
    """The appeal is decided, for good."""
    cause = f"appeal: {changes['appeal_verdict']}"
    return Outcome((move(facts, IncidentState.CLOSED, cause, **changes), settled(facts), *_closed(facts)))

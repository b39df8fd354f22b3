"""Which advice is due for one person today, and the letter that brings it. Pure.

All that is due is one letter. There is at most one such letter in the days of the file's `advice`; what comes
due in between waits for the next.
"""

from datetime import date, datetime, timedelta

from policy.controls import Mode
from policy.controls.advice import Advice, Reaches
from policy.model import Policy, Text
from policy.notices.guidance import AdviceToRead
from schemas.facts import AdvisedFacts
from schemas.outcome import NOTHING, Advise, Ask, Outcome, Step, Subject, Tell
from schemas.words import ItemKind, SubjectKind


def advising(policy: Policy) -> tuple[Advice, ...]:
    """The controls whose advice is sent: those that only observe ask and tell nobody."""
    return tuple(one for one in policy.of(Advice) if one.mode is Mode.ENFORCE)


def concerns(control: Advice, text: Text, person: AdvisedFacts, policy: Policy) -> bool:
    """Whether this advice is for the person."""
    if control.to is Reaches.PEOPLE:
        return person.kind in control.people
    return any(policy.speaks_of(control, level) and text.is_for(channel) for level, channel in person.reaches)


def sent_before(control: Advice, today: date) -> date | None:
    """The last day of a letter after which it is due again on `today`; None: it comes once a version."""
    days = control.again_after_days
    return None if days is None else today - timedelta(days=days)


def quiet_since(policy: Policy, today: date) -> date:
    """The first day on which a letter with advice keeps the next from coming on `today`."""
    return today - timedelta(days=policy.advice.days_between_letters - 1)


def due_advice(person: AdvisedFacts, policy: Policy, today: date) -> tuple[tuple[Advice, Text], ...]:
    """The advice that is due for the person, each text once, those to answer first. Earlier letters aside."""
    found: dict[str, tuple[Advice, Text]] = {}
    for control in sorted(advising(policy), key=lambda one: not one.acknowledge):
        for text in (policy.text(one) for one in control.texts):
            sent, before = person.sent.get((text.id, text.version)), sent_before(control, today)
            is_due = sent is None or (before is not None and sent <= before)
            if is_due and concerns(control, text, person, policy):
                found.setdefault(text.id, (control, text))
    return tuple(found.values())


def decide_advice(person: AdvisedFacts, policy: Policy, now: datetime) -> Outcome:
    """The letter of today: all advice that is due, and one item where an answer is asked for.

    On days without school, nothing. Nothing either within the days between two letters, and for people who
    have left.
    """
    today = policy.calendar.today(now)
    last = person.last_letter
    early = last is not None and last >= quiet_since(policy, today)
    if not person.active or early or not policy.calendar.is_school_day(today):
        return NOTHING
    wanted = due_advice(person, policy, today)
    if not wanted:
        return NOTHING
    about = Subject(SubjectKind.PERSON, person.person_id)
    asking = [control for control, _ in wanted if control.acknowledge]
    key = f"{about}/advice/{today}"
    due = policy.calendar.due_after(today, school_days=policy.terms(ItemKind.READ_ADVICE).due_school_days)
    letter = AdviceToRead(
        texts=tuple((text.id, text.version, control.name) for control, text in wanted),
        asked=tuple(text.id for control, text in wanted if control.acknowledge),
        answer_by=due if asking else None,
    )
    steps: list[Step] = [
        Advise(
            person.person_id,
            today,
            tuple((text.id, text.version, control.acknowledge) for control, text in wanted),
        )
    ]
    if asking:
        steps.append(Ask(key, ItemKind.READ_ADVICE, person.person_id, about, asking[0].name, due))
    steps.append(Tell(letter, person.person_id, key, about))
    return Outcome(tuple(steps), f"sent {len(wanted)} of advice")

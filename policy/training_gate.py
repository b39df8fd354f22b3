"""What happens next with one person's access: granted when its gates are met, taken when one falls.

The gates: each course and each text that the policy's controls ask for. Nobody loses granted access without
a letter that left, that named what keeps it and the last day to do it; only a person who has left, and a
completion that was voided as false, act at once.
Pure: facts, policy and a moment in; transitions, action items and notices out.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from policy.access_ends import come_back, end_announced
from policy.authority import approving, policy_office
from policy.brake import of_course, of_text
from policy.controls.text_acknowledged import TextAcknowledged
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.credential_rotation import learns
from policy.gates import Gate, course_gates, is_gate, lacking
from policy.model import Policy
from policy.notices.access import (
    AccessAtRisk,
    AccessGranted,
    AccessRevoked,
    AccessSuspended,
    GatesOpen,
    TextsToRead,
)
from policy.proposals import ask_decision
from policy.reinstatement import ask_to_hold
from policy.training_lapse import NO_COMPLETION, course_key, renew
from schemas.events import EventKind
from schemas.facts import AccessFacts, Asked
from schemas.outcome import NOTHING, Ask, Emit, Hand, Move, Outcome, RoleAt, Settle, Subject, Tell
from schemas.states import AccessState, AccountState
from schemas.words import AccessEnd, BrakeOf, ItemKind, SubjectKind

#: Accounts for which somebody may hold access.
OPEN_ACCOUNTS = frozenset({AccountState.APPROVED, AccountState.PREPARING, AccountState.LIVE})
#: Accounts that are no more.
ENDED_ACCOUNTS = frozenset({AccountState.CLOSED, AccountState.WITHDRAWN})


def decide_access(access: AccessFacts, policy: Policy, now: datetime, waits: Collection[str] = ()) -> Outcome:
    """What happens next with one access.

    Waiting becomes granted when every gate is met, and not before; of somebody who was only proposed, the
    office that approves is asked first. Granted without a current course, its
    holder is asked, and it is suspended on a school day after the last day that a letter named; at once
    when the completion was voided. Granted without a text, the text is sent; what follows from not
    acknowledging it is a finding's. Suspended for a gate comes back when the gates are met again. The last
    access that reaches a live account is left until somebody else holds it too. A person who has left loses
    it, on a suspended account too, until they are back. One whose last day was announced ends after that day.
    What the brake of the night holds, by the keys of causes in `waits`, is not begun.
    """
    if access.account_state in ENDED_ACCOUNTS:
        return NOTHING
    if access.state is AccessState.REVOKED:
        return come_back(access, policy)
    if not access.person_active:
        return _revoke(access, policy)
    if access.ends_on is not None and policy.calendar.today(now) > access.ends_on:
        return (_keep if _is_last(access) else end_announced)(access, policy, now)
    if access.account_state not in OPEN_ACCOUNTS:
        return NOTHING
    return _hold(access, policy, now, waits)


def _hold(access: AccessFacts, policy: Policy, now: datetime, waits: Collection[str]) -> Outcome:
    """What the gates say of somebody who is here, for an account that is in use."""
    today = policy.calendar.today(now)
    if access.state is AccessState.WAITING and access.proposed_by_id is not None:
        return ask_decision(access, policy, today)
    lacks = lacking(access, policy, today)
    if access.state is AccessState.GRANTED:
        return _granted(access, lacks, policy, now, waits)
    again = access.state is AccessState.SUSPENDED
    if again and not is_gate(access.suspended_for, policy):
        return NOTHING
    if lacks:
        return _wait(access, lacks, policy, today)
    return _grant(access, "gates are met again" if again else "gates are met", policy, today)


def _is_last(access: AccessFacts) -> bool:
    return access.nobody_else and access.state is AccessState.GRANTED


def _granted(
    access: AccessFacts, lacks: tuple[Gate, ...], policy: Policy, now: datetime, waits: Collection[str]
) -> Outcome:
    """Granted: taken for a course whose last day is over, or asked for whatever is missing or lapses soon."""
    today = policy.calendar.today(now)
    courses = [gate for gate in lacks if gate.kind is ItemKind.COMPLETE_COURSE]

    def goes_on(of: BrakeOf, gate: Gate) -> bool:
        return of_course(of, gate.control, gate.what, policy).key not in waits

    # what waits is asked last, and only where it matters: so little depends on it (tasks/access/tonight.py)
    for gate in courses:
        over = _is_over(access, gate, policy, today) and goes_on(BrakeOf.TAKE_FOR_COURSE, gate)
        if gate.what in access.voided or over:
            if access.nobody_else:
                return _keep(access, policy, now)
            return _suspend(access, gate, policy, now)
    outcomes = [
        one
        for gate in courses
        if (one := _ask_to_keep(access, gate, policy, today)) and goes_on(BrakeOf.ASK_COURSE, gate)
    ]
    texts = [
        gate
        for gate in lacks
        if gate not in courses and _is_new(access, gate) and of_text(gate).key not in waits
    ]
    outcomes.append(_send(access, texts, policy, today))
    outcomes += [
        one
        for gate in course_gates(access, policy)
        if gate not in courses
        and access.ends_on is None
        and (one := renew(access, gate, policy, today))
        and goes_on(BrakeOf.RENEW_COURSE, gate)
    ]
    steps = [step for one in outcomes for step in one.steps]
    said = dict.fromkeys(one.says for one in outcomes if one)
    return Outcome(tuple(steps), " and ".join(said)) if steps else NOTHING


def announced(access: AccessFacts, gate: Gate) -> list[Asked]:
    """The open items that told its holder until when this access is kept without the course."""
    begin = course_key(access.person_id, gate.what)
    return [
        asked for key, asked in access.asked.items() if key.startswith((f"{begin}keep/", f"{begin}renew/"))
    ]


def _is_over(access: AccessFacts, gate: Gate, policy: Policy, today: date) -> bool:
    """Whether a letter left that named the last day, that day is over, and the letter was there in time."""
    return policy.calendar.may_take(today) and any(
        kept_through(asked, gate, policy, today) < today
        for asked in announced(access, gate)
        if asked.told_at is not None
    )


def kept_through(asked: Asked, gate: Gate, policy: Policy, today: date) -> date:
    """The last day of an access without the course: as named, or later where the letter was late to leave.

    A letter that has not left yet: as if it left `today`.
    """
    control = policy.control(gate.control)
    days = control.told_school_days_before if isinstance(control, TrainingBeforeAccess) else 0
    told = today if asked.told_at is None else policy.calendar.today(asked.told_at)
    return max(asked.due_on, policy.calendar.due_after(told, school_days=days))


def _ask_to_keep(access: AccessFacts, gate: Gate, policy: Policy, today: date) -> Outcome:
    """Granted without a current course, whatever the cause: found so, a course that is new, a new figure."""
    control = policy.control(gate.control)
    if announced(access, gate) or not isinstance(control, TrainingBeforeAccess):
        return NOTHING
    due = policy.calendar.due_after(today, school_days=control.grace_school_days)
    person = Subject(SubjectKind.PERSON, access.person_id)
    key = f"{course_key(access.person_id, gate.what)}keep/{due}"
    told = AccessAtRisk(control=gate.control, ask=gate.kind, course=gate.what, due_on=due)
    return Outcome(
        (
            Ask(key, gate.kind, access.person_id, person, gate.control, due),
            Tell(told, access.person_id, key, _subject(access)),
        ),
        "asked for the course, to keep the access",
    )


def _is_new(access: AccessFacts, gate: Gate) -> bool:
    """Whether a text was never sent to the person in this version, and is not asked for."""
    return (gate.what, gate.version) not in access.sent and item_key(access, gate) not in access.asked


def _send(access: AccessFacts, new: Sequence[Gate], policy: Policy, today: date) -> Outcome:
    """Send the texts that are new to somebody who has access; one letter for all of them."""
    if not new:
        return NOTHING
    asks = []
    for gate in new:
        control = policy.control(gate.control)
        days = control.within_days if isinstance(control, TextAcknowledged) else 0
        due = policy.calendar.due_after(today + timedelta(days=days), school_days=0)
        asks.append(_ask(access, gate, due))
    told = TextsToRead(
        texts=tuple((gate.what, gate.version) for gate in new), due_on=min(ask.due_on for ask in asks)
    )
    return Outcome(
        (
            *_hand(access, new),
            *asks,
            Tell(told, access.person_id, f"{asks[0].key}/sent", _subject(access)),
        ),
        "sent what is to be read",
    )


def _subject(access: AccessFacts) -> Subject:
    return Subject(SubjectKind.ACCESS, access.id)


def _hand(access: AccessFacts, gates: Iterable[Gate]) -> tuple[Hand, ...]:
    """Note which texts were sent: those of a person, and those of this account."""
    pairs: dict[int | None, list[tuple[str, str]]] = {}
    for gate in gates:
        if gate.kind is not ItemKind.COMPLETE_COURSE:
            account = access.account_id if gate.kind is ItemKind.ACCEPT_RESPONSIBILITY else None
            pairs.setdefault(account, []).append((gate.what, gate.version))
    return tuple(Hand(access.person_id, tuple(texts), account) for account, texts in pairs.items())


def item_key(access: AccessFacts, gate: Gate) -> str:
    """The key of the item that asks for a gate; what is done once a person is one item a person."""
    match gate.kind:
        case ItemKind.COMPLETE_COURSE:
            done = access.completions.get(gate.what)
            return f"{course_key(access.person_id, gate.what)}{done.isoformat() if done else 'never'}"
        case ItemKind.ACKNOWLEDGE_GUIDELINES:
            return f"{Subject(SubjectKind.PERSON, access.person_id)}/{gate.what}/{gate.version}"
        case _:
            return f"{_subject(access)}/accept/{gate.what}/{gate.version}"


def _ask(access: AccessFacts, gate: Gate, due: date) -> Ask:
    of_account = gate.kind is ItemKind.ACCEPT_RESPONSIBILITY
    about = _subject(access) if of_account else Subject(SubjectKind.PERSON, access.person_id)
    return Ask(item_key(access, gate), gate.kind, access.person_id, about, gate.control, due)


def _wait(access: AccessFacts, lacks: tuple[Gate, ...], policy: Policy, today: date) -> Outcome:
    """Ask for what is missing and is not being asked for; one notice names all of it."""
    subject = _subject(access)
    due = {
        gate.kind: policy.calendar.due_after(today, school_days=policy.terms(gate.kind).due_school_days)
        for gate in lacks
    }
    asks = tuple(_ask(access, gate, due[gate.kind]) for gate in lacks if not _is_asked(access, gate))
    if not asks:
        return NOTHING
    kinds = tuple(dict.fromkeys(gate.kind for gate in lacks))
    courses = tuple(gate.what for gate in lacks if gate.kind is ItemKind.COMPLETE_COURSE)
    told = GatesOpen(gates=kinds, courses=courses, due_on=max(due.values()))
    return Outcome(
        (
            *_hand(access, lacks),
            *asks,
            Tell(told, access.person_id, f"{subject}/gates/{asks[0].key}", subject),
        ),
        "waits for its gates",
    )


def _is_asked(access: AccessFacts, gate: Gate) -> bool:
    """Whether an open item asks for it already; of a course, another account's does as well."""
    if gate.kind is not ItemKind.COMPLETE_COURSE:
        return item_key(access, gate) in access.asked
    return any(key.startswith(course_key(access.person_id, gate.what)) for key in access.asked)


def _grant(access: AccessFacts, cause: str, policy: Policy, today: date) -> Outcome:
    subject = _subject(access)
    control = access.suspended_for or next(
        (gate.control for gate in course_gates(access, policy)), approving(policy, access.level)
    )
    return Outcome(
        (
            Move(
                subject,
                access.state,
                access.version,
                AccessState.GRANTED,
                control,
                cause,
                {"suspended_for": None, **learns(access, policy, today)},
            ),
            Settle(about=subject, kinds=(ItemKind.ACCEPT_RESPONSIBILITY,)),
            Tell(AccessGranted(), access.person_id, f"{subject}/v{access.version}/granted", subject),
            Emit(EventKind.ACCESS_CHANGED, subject),
        ),
        "granted",
    )


def _suspend(access: AccessFacts, gate: Gate, policy: Policy, now: datetime) -> Outcome:
    """Taken: at once where the completion was voided, and else after the last day that was named."""
    subject, voided = _subject(access), gate.what in access.voided
    school_days = policy.terms(gate.kind).due_school_days
    due = policy.calendar.due_after(policy.calendar.today(now), school_days=school_days)
    asks = () if _is_asked(access, gate) else (_ask(access, gate, due),)
    told = AccessSuspended(
        control=gate.control,
        ask=gate.kind,
        course=gate.what,
        due_on=due if asks else None,
        voided=voided,
    )
    cause = "completion voided" if voided else NO_COMPLETION
    people = (access.person_id, *(_who_runs_it(access, policy) if voided else ()))
    return Outcome(
        (
            Move(
                subject,
                access.state,
                access.version,
                AccessState.SUSPENDED,
                gate.control,
                cause,
                {"suspended_for": gate.control},
            ),
            *asks,
            *(Tell(told, one, f"{subject}/v{access.version}/suspended", subject) for one in people),
            Emit(EventKind.ACCESS_CHANGED, subject),
        ),
        "suspended: no current completion",
    )


def _who_runs_it(access: AccessFacts, policy: Policy) -> tuple[int | RoleAt, ...]:
    """Who hears in the same hour that somebody's access ended at once: the others who run the account."""
    return access.beside or (policy_office(policy),)


def _keep(access: AccessFacts, policy: Policy, now: datetime) -> Outcome:
    """Nobody else can reach the account: somebody takes hold of it before this access is taken."""
    account = Subject(SubjectKind.ACCOUNT, access.account_id)
    steps = ask_to_hold(account, access.level, access.account_asked, policy, policy.calendar.today(now))
    return Outcome(tuple(steps), "kept until somebody else can reach the account") if steps else NOTHING


def _revoke(access: AccessFacts, policy: Policy) -> Outcome:
    """The person has left: the access ends, and so does what was asked of them for it.

    The others who run the account are told at once: only they can take the person off on the platform.
    """
    subject = _subject(access)
    person = Subject(SubjectKind.PERSON, access.person_id)
    control = approving(policy, access.level)
    notice, cause = AccessRevoked(control=control), f"{subject}/v{access.version}/revoked"
    people: tuple[int | RoleAt, ...] = ()
    if access.state is AccessState.GRANTED:
        people = (access.person_id, *_who_runs_it(access, policy))
    told = (Tell(notice, one, cause, subject) for one in people)
    return Outcome(
        (
            Move(
                subject,
                access.state,
                access.version,
                AccessState.REVOKED,
                control,
                AccessEnd.LEFT.value,
                {"ends_for": access.ends_for or AccessEnd.LEFT, "ends_on": None, "suspended_for": None},
            ),
            Settle(about=subject, kinds=tuple(ItemKind), done=False),
            Settle(about=person, kinds=tuple(ItemKind), done=False),
            *told,
            Emit(EventKind.ACCESS_CHANGED, subject),
        ),
        "revoked: the person has left",
    )

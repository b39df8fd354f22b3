"""What happens next with one person's access: granted when its gates are met, taken when one falls.

The gates: the course, the guidelines that fit, acceptance of responsibility.
Pure: facts, policy and a moment in; transitions, action items and notices out.
"""

from datetime import date, datetime

from policy.access_ends import come_back, end_announced
from policy.authority import approving
from policy.calendar import Calendar
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.credential_rotation import learns
from policy.gates import asked_by, is_gate, texts, training
from policy.model import Policy
from policy.notices.access import AccessAtRisk, AccessGranted, AccessRevoked, AccessSuspended, GatesOpen
from policy.reinstatement import ask_to_hold
from policy.training_lapse import course_key, renew
from schemas.events import EventKind
from schemas.facts import AccessFacts
from schemas.outcome import NOTHING, Ask, Emit, Hand, Move, Outcome, Settle, Step, Subject, Tell
from schemas.states import AccessState, AccountState
from schemas.words import AccessEnd, ItemKind, SubjectKind

#: Accounts for which somebody may hold access.
OPEN_ACCOUNTS = frozenset({AccountState.APPROVED, AccountState.PREPARING, AccountState.LIVE})
#: Accounts that are no more.
ENDED_ACCOUNTS = frozenset({AccountState.CLOSED, AccountState.WITHDRAWN})


def course_lacks(access: AccessFacts, policy: Policy, today: date) -> bool:
    """Whether the course is required of this person for this account, and not current on `today`.

    A completion counts through `completed_on` + the policy's days of validity, that day included.
    """
    if not policy.training_required(access.level, access.training_required):
        return False
    return access.completed_on is None or access.completed_on < policy.course.counts_from(today)


def guidelines_lacking(access: AccessFacts, policy: Policy) -> tuple[tuple[str, str], ...]:
    """The guidelines that fit the account and that the person has not acknowledged in this version."""
    fitting = [(text.id, text.version) for text in texts(policy, access, "person")]
    return tuple(pair for pair in fitting if pair not in access.acknowledged)


def gates_open(access: AccessFacts, policy: Policy, today: date) -> tuple[ItemKind, ...]:
    """What the person still has to do before access, in the order to do it."""
    return tuple(
        kind
        for kind, lacking in (
            (ItemKind.ACKNOWLEDGE_GUIDELINES, bool(guidelines_lacking(access, policy))),
            (ItemKind.ACCEPT_RESPONSIBILITY, not access.accepted and bool(texts(policy, access, "account"))),
            (ItemKind.COMPLETE_COURSE, course_lacks(access, policy, today)),
        )
        if lacking
    )


def decide_access(access: AccessFacts, policy: Policy, calendar: Calendar, now: datetime) -> Outcome:
    """What happens next with one access.

    Waiting becomes granted when every gate is met, and not before. Granted becomes suspended at once
    when the completion is voided or lapses, and granted again when the gates are met again. Access
    that was found without the course is left alone until the day that its holder was given; and so is the
    last that reaches a live account, until Communications holds it too. A person who has left loses it, on a
    suspended account too, until they are back. One whose last day was announced ends after that day.
    """
    if access.account_state in ENDED_ACCOUNTS:
        return NOTHING
    if access.state is AccessState.REVOKED:
        return come_back(access, policy)
    if not access.person_active:
        return _revoke(access, policy)
    if access.ends_on is not None and calendar.today(now) > access.ends_on:
        return (_keep if _is_last(access) else end_announced)(access, policy, calendar, now)
    return _hold(access, policy, calendar, now) if access.account_state in OPEN_ACCOUNTS else NOTHING


def _hold(access: AccessFacts, policy: Policy, calendar: Calendar, now: datetime) -> Outcome:
    """What the gates say of somebody who is here, for an account that is in use."""
    today = calendar.today(now)
    still_open = gates_open(access, policy, today)
    if access.state is AccessState.WAITING:
        return (
            _wait(access, still_open, policy, calendar, now)
            if still_open
            else _grant(access, "gates are met", policy, today)
        )
    lacks = ItemKind.COMPLETE_COURSE in still_open
    if access.state is AccessState.GRANTED and lacks:
        return _take(access, policy, calendar, now)
    if access.state is AccessState.GRANTED:
        return renew(access, policy, calendar, today) if access.ends_on is None else NOTHING
    if access.state is AccessState.SUSPENDED and is_gate(access.suspended_for, policy):
        if access.suspended_for == training(access.level, policy) and lacks:
            return NOTHING  # asked for when it was taken
        # a guideline may be new, or the access was found and the other gates were never asked
        return (
            _wait(access, still_open, policy, calendar, now)
            if still_open
            else _grant(access, "gates are met again", policy, today)
        )
    return NOTHING


def _is_last(access: AccessFacts) -> bool:
    return access.nobody_else and access.state is AccessState.GRANTED


def _found_key(person_id: int) -> str:
    """How the keys of the items begin that give a person time for access that was found."""
    return f"{course_key(person_id)}found/"


def _in_grace(access: AccessFacts, today: date) -> bool:
    return access.grace_until is not None and today <= access.grace_until


def decide_found(
    access: AccessFacts, import_id: int, policy: Policy, calendar: Calendar, now: datetime
) -> Outcome:
    """What happens with access that an inventory found granted: asked for the course before it is taken.

    Notice before consequence: nobody is cut off on the day that Steward first looks. One item and one
    notice a person; `decide_access` suspends when the item is overdue.
    """
    today = calendar.today(now)
    if access.state is not AccessState.GRANTED or not access.person_active:
        return NOTHING
    if not course_lacks(access, policy, today) or access.grace_until is not None:
        return NOTHING
    due = calendar.due_after(today, school_days=policy.the(TrainingBeforeAccess).found_grace_school_days)
    person = Subject(SubjectKind.PERSON, access.person_id)
    key = f"{_found_key(access.person_id)}{import_id}"
    kind, control = ItemKind.COMPLETE_COURSE, training(access.level, policy)
    return Outcome(
        (
            Ask(key, kind, access.person_id, person, control, due),
            Tell(
                AccessAtRisk(control=control, ask=kind, due_on=due),
                access.person_id,
                key,
                _subject(access),
            ),
        ),
        "found without the course: asked",
    )


def _subject(access: AccessFacts) -> Subject:
    return Subject(SubjectKind.ACCESS, access.id)


def _ask_gates(
    access: AccessFacts, kinds: tuple[ItemKind, ...], policy: Policy, calendar: Calendar, now: datetime
) -> tuple[tuple[Ask, ...], date]:
    """An action item for each gate; the keys make the course and the guidelines one item a person."""
    today = calendar.today(now)
    person = Subject(SubjectKind.PERSON, access.person_id)
    longest = max(policy.terms(kind).due_school_days for kind in kinds)
    # asked together, due together: the letter names one day, and the reminders no other
    due = dict.fromkeys(kinds, calendar.due_after(today, school_days=longest))
    asks = []
    for kind in kinds:
        control = asked_by(kind, access.level, policy)
        if kind is ItemKind.COMPLETE_COURSE:
            since = access.completed_on.isoformat() if access.completed_on else "never"
            key = f"{person}/course/{since}"
            asks.append(Ask(key, kind, access.person_id, person, control, due[kind]))
        elif kind is ItemKind.ACKNOWLEDGE_GUIDELINES:
            asks.extend(
                Ask(
                    f"{person}/{guideline}/{version}",
                    kind,
                    access.person_id,
                    person,
                    control,
                    due[kind],
                )
                for guideline, version in guidelines_lacking(access, policy)
            )
        else:
            subject = _subject(access)
            asks.append(
                Ask(
                    f"{subject}/accept",
                    kind,
                    access.person_id,
                    subject,
                    control,
                    due[kind],
                )
            )
    return tuple(asks), max(due.values())


def _wait(
    access: AccessFacts,
    still_open: tuple[ItemKind, ...],
    policy: Policy,
    calendar: Calendar,
    now: datetime,
) -> Outcome:
    """Ask for what is missing and is not being asked for; one notice names all of it."""
    subject = _subject(access)
    course_asked = any(key.startswith(course_key(access.person_id)) for key in access.asked)
    wanted, due = _ask_gates(access, still_open, policy, calendar, now)
    asks = tuple(
        ask
        for ask in wanted
        if ask.key not in access.asked and not (ask.kind is ItemKind.COMPLETE_COURSE and course_asked)
    )
    if not asks:
        return NOTHING
    hand: tuple[Step, ...] = ()
    if lacking := guidelines_lacking(access, policy):
        hand = (Hand(access.person_id, lacking),)
    return Outcome(
        (
            *hand,
            *asks,
            Tell(
                GatesOpen(gates=still_open, due_on=due),
                access.person_id,
                f"{subject}/gates/{asks[0].key}",
                subject,
            ),
        ),
        "waits for its gates",
    )


def _grant(access: AccessFacts, cause: str, policy: Policy, today: date) -> Outcome:
    subject = _subject(access)
    return Outcome(
        (
            Move(
                subject,
                access.state,
                access.version,
                AccessState.GRANTED,
                training(access.level, policy),
                cause,
                {"suspended_for": None, **learns(access, policy, today)},
            ),
            Settle(about=subject, kinds=(ItemKind.ACCEPT_RESPONSIBILITY,)),
            Tell(AccessGranted(), access.person_id, f"{subject}/v{access.version}/granted", subject),
            Emit(EventKind.ACCESS_CHANGED, subject),
        ),
        "granted",
    )


def _suspend(access: AccessFacts, policy: Policy, calendar: Calendar, now: datetime) -> Outcome:
    subject, control = _subject(access), training(access.level, policy)
    asks, due = _ask_gates(access, (ItemKind.COMPLETE_COURSE,), policy, calendar, now)
    cause = "completion voided" if access.completed_on is None else "completion lapsed"
    found = tuple(key for key in sorted(access.asked) if key.startswith(_found_key(access.person_id)))
    if any(key.startswith(course_key(access.person_id)) and key not in found for key in access.asked):
        asks = ()  # another account's gate asks for it already
    if access.completed_on is None and found:
        cause = "no completion that counts"
    return Outcome(
        (
            Move(
                subject,
                access.state,
                access.version,
                AccessState.SUSPENDED,
                control,
                cause,
                {"suspended_for": control},
            ),
            Settle(found, done=False),
            *asks,
            Tell(
                AccessSuspended(control=control, ask=ItemKind.COMPLETE_COURSE, due_on=due),
                access.person_id,
                f"{subject}/v{access.version}/suspended",
                subject,
            ),
            Emit(EventKind.ACCESS_CHANGED, subject),
        ),
        "suspended: no current completion",
    )


def _take(access: AccessFacts, policy: Policy, calendar: Calendar, now: datetime) -> Outcome:
    """The course is not current: taken at once, but for the days that were given, and the last one."""
    if _in_grace(access, calendar.today(now)):
        return NOTHING
    return (_keep if access.nobody_else else _suspend)(access, policy, calendar, now)


def _keep(access: AccessFacts, policy: Policy, calendar: Calendar, now: datetime) -> Outcome:
    """Nobody else can reach the account: somebody takes hold of it before this access is taken."""
    account = Subject(SubjectKind.ACCOUNT, access.account_id)
    steps = ask_to_hold(account, access.level, access.account_asked, policy, calendar, calendar.today(now))
    return Outcome(tuple(steps), "kept until somebody else can reach the account") if steps else NOTHING


def _revoke(access: AccessFacts, policy: Policy) -> Outcome:
    """The person has left: the access ends, and so does what was asked of them for it."""
    subject = _subject(access)
    person = Subject(SubjectKind.PERSON, access.person_id)
    control = approving(policy, access.level)
    told: tuple[Step, ...] = ()
    if access.state is AccessState.GRANTED:
        told = (
            Tell(
                AccessRevoked(control=control),
                access.person_id,
                f"{subject}/v{access.version}/revoked",
                subject,
            ),
        )
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

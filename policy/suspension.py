"""What happens next with findings that nobody mends: notice with a date, then suspension, in the end closing.

Nothing is suspended that nobody was told of: the days of grace begin when a mail server has taken the first
notice. A finding that is mended before its day leads to nothing. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from policy.authority import custodians, policy_office
from policy.brake import Cause
from policy.calendar import Calendar
from policy.controls import Control, Sanction, SanctionOf
from policy.controls.look import Look
from policy.controls.sanction import Suspending
from policy.controls.text_acknowledged import TextAcknowledged
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.model import Policy
from policy.notices.access import AccessSuspended
from policy.notices.accounts import AccountClosed, AccountSuspended
from policy.notices.findings import SuspensionAhead
from policy.reinstatement import ask_for_return, ask_to_hold, back_key, closed_after
from schemas.events import EventKind
from schemas.facts import Keeper, SuspensionFacts, Violation
from schemas.outcome import NOTHING, Ask, Emit, Move, Outcome, RoleAt, Settle, Step, Subject, Tell
from schemas.states import AccessState, AccountState
from schemas.words import BrakeOf, ItemKind, SubjectKind


def what_to_do(control: Control) -> ItemKind | None:
    """What a person does to hold again a control that is about the person; None where only others can."""
    match control:
        case TrainingBeforeAccess():
            return ItemKind.COMPLETE_COURSE
        case TextAcknowledged(each="person"):
            return ItemKind.ACKNOWLEDGE_GUIDELINES
        case TextAcknowledged():
            return ItemKind.ACCEPT_RESPONSIBILITY
        case _:
            return None


def suspended_after(violation: Violation, policy: Policy, today: date) -> date:
    """The last day to mend one finding, a day of the division's zone; suspension is on a school day after it.

    As it was announced, or later where the announcement was late to leave. Not announced yet, or not taken
    by any mail server yet: as if that happened `today`, or on the day after people's time is over. Raises
    KeyError where its control leads to nothing.
    """
    sanction = policy.sanction_of(violation.control)
    if sanction is None:
        raise KeyError(violation.control)
    late = today if violation.due_on is None else violation.due_on + timedelta(days=1)
    told = late if violation.told_at is None else policy.calendar.today(violation.told_at)
    earliest = policy.calendar.due_after(told, school_days=sanction.after_school_days)
    return earliest if violation.mend_by is None else max(violation.mend_by, earliest)


def asked_while_exempt(facts: SuspensionFacts, violation: Violation, calendar: Calendar) -> bool:
    """Whether it was asked for while no finding suspended the account: that letter announced nothing."""
    exempt, asked = facts.exempt_through, violation.asked_at
    return exempt is not None and asked is not None and calendar.today(asked) <= exempt


def sanction_at(facts: SuspensionFacts, violation: Violation, policy: Policy) -> Sanction | None:
    """What a finding of this account leads to.

    Never to the suspension of a channel for emergencies, and to nothing where the fault was not seen.
    """
    sanction = policy.sanction_of(violation.control) if violation.seen else None
    if facts.never_suspended and sanction is not None and sanction.suspend is SanctionOf.ACCOUNT:
        return None
    return sanction


@dataclass(frozen=True)
class Room:
    """What the policy's brakes still let happen tonight: one more account announced, suspended, ...

    `waits`: the keys of the causes that are held until somebody has answered.
    """

    announce: bool = True
    suspend: bool = True
    accesses: int | None = None  # accesses that may still be suspended; None: any number
    waits: frozenset[str] = frozenset()


def decide_suspension(
    facts: SuspensionFacts, policy: Policy, now: datetime, room: Room | None = None
) -> Outcome:
    """What happens next with the findings of one account at `now`.

    Live: what is new is announced with its date, what was mended is let go, what is past its date leads to
    suspension of the account or of one person's access. Suspended for findings: once mended, Communications
    is asked whether it comes back; never mended, it is closed in the end. On a day without school, and
    after the last day that the calendar knows, nothing is suspended or closed.
    What is beyond the `room` of the night waits, the rest does not.
    """
    decided = _Deciding(facts, policy, policy.calendar, policy.calendar.today(now), room or Room())
    if facts.account_state is AccountState.LIVE:
        return decided.live()
    if facts.account_state is AccountState.SUSPENDED and facts.suspended_at is not None:
        return decided.suspended(facts.suspended_at)
    return NOTHING


#: What a finding leads to is announced first and then carried out; each can be too much for one night.
ANNOUNCED = {SanctionOf.ACCOUNT: BrakeOf.ANNOUNCE_ACCOUNT, SanctionOf.ACCESS: BrakeOf.ANNOUNCE_ACCESS}
CARRIED_OUT = {SanctionOf.ACCOUNT: BrakeOf.SUSPEND_ACCOUNT, SanctionOf.ACCESS: BrakeOf.SUSPEND_ACCESS}


def past_its_day(facts: SuspensionFacts, policy: Policy, now: datetime) -> tuple[tuple[Cause, int], ...]:
    """What would be suspended at `now`: the cause, and the number of the account or of the person."""
    if facts.account_state is not AccountState.LIVE:
        return ()
    decided = _Deciding(facts, policy, policy.calendar, policy.calendar.today(now), Room())
    return tuple(
        (Cause(of, one.control), facts.account_id if what is SanctionOf.ACCOUNT else one.person_id)
        for what, of in CARRIED_OUT.items()
        for one in decided.past(what)
    )


@dataclass(frozen=True)
class _Deciding:
    facts: SuspensionFacts
    policy: Policy
    calendar: Calendar
    today: date
    room: Room

    @property
    def subject(self) -> Subject:
        return Subject(SubjectKind.ACCOUNT, self.facts.account_id)

    @property
    def everybody(self) -> tuple[int | RoleAt, ...]:
        """Its administrators, its custodian, and who keeps the policy."""
        facts = self.facts
        keepers = custodians(self.policy, facts.level, facts.school_id)
        return (*(one.person_id for one in facts.administrators), *keepers, policy_office(self.policy))

    def of(self, violation: Violation) -> SanctionOf | None:
        sanction = sanction_at(self.facts, violation, self.policy)
        return None if sanction is None else sanction.suspend

    def past(self, what: SanctionOf) -> list[Violation]:
        """What was announced, was told, and was not mended until its day was over."""
        if not self.calendar.may_take(self.today):
            return []
        return [
            one
            for one in self.facts.violations
            if self.of(one) is what
            and Cause(CARRIED_OUT[what], one.control).key not in self.room.waits
            and one.mend_by is not None
            and one.told_at is not None
            and not (what is SanctionOf.ACCOUNT and asked_while_exempt(self.facts, one, self.calendar))
            and suspended_after(one, self.policy, self.today) < self.today
        ]

    def live(self) -> Outcome:
        late = self.past(SanctionOf.ACCOUNT)
        if late and self.room.suspend:
            return self._suspend_account(late[0])
        steps: list[Step] = []
        said: list[str] = []
        if self.facts.mended:
            steps.append(Settle(self.facts.mended, done=True))
            said.append("mended in time")
        announced = self._announce() if self.room.announce else []
        if announced:
            steps += announced
            said.append("suspension announced")
        suspended, kept = self._suspend_accesses()
        if suspended:
            steps += suspended
            said.append("access suspended")
        if kept:
            steps += kept
            said.append("left its last administrator until somebody else can reach it")
        return Outcome(tuple(steps), " and ".join(said)) if steps else NOTHING

    def _announce(self) -> list[Step]:
        """Ask whoever can mend what is new; a letter each for all that is due the same day."""
        asks: list[Step] = []
        letters: list[tuple[str, date, SanctionOf, int | RoleAt, int]] = []
        for one in self.facts.violations:
            what = self.of(one)
            if what is None or one.mend_by is not None or one.due_on is not None:
                continue
            if Cause(ANNOUNCED[what], one.control).key in self.room.waits:
                continue
            mend_by = suspended_after(one, self.policy, self.today)
            about = Subject(SubjectKind.FINDING, one.finding_id)
            for receiver in self._menders(one, what):
                who = "office" if isinstance(receiver, RoleAt) else f"person:{receiver}"
                key = f"{about}/mend/{who}"
                asks.append(Ask(key, ItemKind.MEND_FINDING, receiver, about, one.control, mend_by))
                letters.append((who, mend_by, what, receiver, one.finding_id))
        letters.sort(key=lambda one: one[:3])
        for (who, mend_by, what), group in groupby(letters, key=lambda one: one[:3]):
            same = list(group)
            findings = tuple(one[4] for one in same)
            notice = SuspensionAhead.model_validate(
                {"finding_ids": findings, "mend_by": mend_by, "of": what.value}
            )
            cause = f"{self.subject}/ahead/{what}/{findings[0]}/{mend_by}/{who}"
            asks.append(Tell(notice, same[0][3], cause, self.subject))
        return asks

    def _menders(self, violation: Violation, what: SanctionOf) -> Iterable[int | RoleAt]:
        people = [one.person_id for one in self.facts.administrators]
        if what is SanctionOf.ACCESS:
            return [one for one in people if one == violation.person_id]
        if isinstance(self.policy.control(violation.control), Look):  # nobody is told it of days away
            people = [one.person_id for one in self.facts.administrators if not one.away]
        keepers = custodians(self.policy, self.facts.level, self.facts.school_id)
        return people or keepers or (policy_office(self.policy),)

    def _suspend_account(self, violation: Violation) -> Outcome:
        """Nobody's access is taken: who administers it can reach it, and mend it."""
        facts, subject = self.facts, self.subject
        last = self.today + timedelta(days=self.policy.the(Suspending).close_after_days)
        mend_by = self.calendar.due_after(last, school_days=0)
        told = AccountSuspended(control=violation.control, mend_by=mend_by)
        begin = f"{subject}/v{facts.version}"
        return Outcome(
            (
                Move(
                    subject,
                    AccountState.LIVE,
                    facts.version,
                    AccountState.SUSPENDED,
                    violation.control,
                    f"finding {violation.finding_id} was not mended in time",
                ),
                Settle(tuple(sorted(facts.asked)), done=False),
                *(
                    Ask(
                        f"{begin}/mend/person:{one.person_id}",
                        ItemKind.MEND_FINDING,
                        one.person_id,
                        subject,
                        violation.control,
                        mend_by,
                    )
                    for one in facts.administrators
                ),
                *(Tell(told, one, f"{begin}/suspended", subject) for one in self.everybody),
                Emit(EventKind.ACCOUNT_SUSPENDED, subject),
            ),
            "account suspended",
        )

    def _suspend_accesses(self) -> tuple[list[Step], list[Step]]:
        """One person's access each; the last one that reaches the account is kept.

        A custodian who is cut off from it tonight reaches it no more.
        """
        suspended: list[Step] = []
        kept: list[Step] = []
        reach = {one.person_id: one for one in self.facts.administrators}
        gone: set[int] = set()
        left = self.room.accesses
        for one in self.past(SanctionOf.ACCESS):
            keeper = reach.get(one.person_id)
            if keeper is None:
                continue
            if {*reach, *self.facts.custodians} - {*gone, one.person_id}:
                if left is not None:
                    left -= 1
                    if left < 0:
                        break
                suspended += self._suspend_access(one, keeper)
                del reach[one.person_id]
                gone.add(one.person_id)
            else:
                kept += ask_to_hold(self.subject, self.facts.level, self.facts.asked, self.policy, self.today)
        return suspended, kept

    def _suspend_access(self, violation: Violation, keeper: Keeper) -> list[Step]:
        access = Subject(SubjectKind.ACCESS, keeper.access_id)
        told = AccessSuspended(
            control=violation.control, ask=what_to_do(self.policy.control(violation.control))
        )
        cause = f"{access}/v{keeper.access_version}/suspended"
        key = f"{Subject(SubjectKind.FINDING, violation.finding_id)}/mend/person:{keeper.person_id}"
        return [
            Move(
                access,
                AccessState.GRANTED,
                keeper.access_version,
                AccessState.SUSPENDED,
                violation.control,
                f"finding {violation.finding_id} was not mended in time",
                {"suspended_for": violation.control},
            ),
            Settle((key,), done=False),
            *(Tell(told, to, cause, access) for to in (keeper.person_id, policy_office(self.policy))),
            Emit(EventKind.ACCESS_CHANGED, access),
        ]

    def suspended(self, since: datetime) -> Outcome:
        facts, subject = self.facts, self.subject
        stands = [one for one in facts.violations if self.of(one) is SanctionOf.ACCOUNT]
        if not stands:
            return self._want_back()
        if not self.calendar.may_take(self.today) or self.today <= closed_after(since, self.policy):
            return NOTHING
        told = AccountClosed(control=stands[0].control, because="not mended")
        return Outcome(
            (
                Move(
                    subject,
                    AccountState.SUSPENDED,
                    facts.version,
                    AccountState.CLOSED,
                    stands[0].control,
                    "stayed suspended too long",
                ),
                Settle(about=subject, kinds=tuple(ItemKind), done=False),
                *(Tell(told, one, f"{subject}/v{facts.version}/closed", subject) for one in self.everybody),
            ),
            "closed: it stayed suspended too long",
        )

    def _want_back(self) -> Outcome:
        facts, subject = self.facts, self.subject
        key = back_key(subject, facts.version)
        if key in facts.asked:
            return NOTHING
        wanted = ask_for_return(subject, facts.version, "mended", self.policy, self.today)
        mend = Settle(about=subject, kinds=(ItemKind.MEND_FINDING,))
        return Outcome((mend, *wanted), "mended: its return is asked for")

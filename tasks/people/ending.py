"""How an office or a designation ends: announced with its last day, or at once in an emergency."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Result, select, update
from sqlmodel import col

from policy.access_ends import end_now, last_day
from policy.authority import approving, custodians, office_at, policy_office
from policy.notices.changes import AccessEnds
from policy.notices.offices import OfficeEnded, OfficeEnds
from policy.reinstatement import ask_to_hold
from schemas.accounts import Access, Account
from schemas.errors import AlreadyDone, BadInput
from schemas.events import EventKind
from schemas.outcome import Emit, Outcome, RoleAt, Step, Subject, Tell
from schemas.states import AccessState
from schemas.words import AccessEnd, SubjectKind
from tasks.acts.context import ActContext
from tasks.store.designated import ending
from tasks.store.reach import nobody_else

Readers = tuple[int | RoleAt, ...]


def day_of_end(context: ActContext, given: date | None, until: date | None, *, at_once: bool) -> date:
    """The last day of an office or designation that stands through `until`: as it was given, else in time.

    An end is told before it comes. So the first day that may be given leaves as many school days as the
    policy wants; at once it is over already. Raises BadInput for a day that is too soon or contradicts
    the emergency, AlreadyDone where it ends no later by itself.
    """
    if at_once:
        if given is not None:
            raise BadInput("It ends at once or after a last day, not both: leave one out.")
        return context.today - timedelta(days=1)
    earliest = last_day(context.policy, context.today)
    last = given or earliest
    if until is not None and until <= last:
        raise AlreadyDone(f"It ends on {until} already; --at-once ends it from this moment, in an emergency.")
    if last < earliest:
        raise BadInput(
            f"People are told before something ends: give a last day from {earliest} on, or, in an "
            "emergency, --at-once."
        )
    return last


def announced(
    context: ActContext,
    person_id: int,
    cause: str,
    last: date,
    reason: str,
    *,
    office: str = "",
    school_id: int | None = None,
) -> tuple[Step, ...]:
    """The letter to whose office or designation ends after `last`; none where they end it themselves."""
    subject = Subject(SubjectKind.PERSON, person_id)
    notice = OfficeEnds(
        by_id=context.person_id, office=office, school_id=school_id, ends_on=last, reason=reason
    )
    tell = Tell(notice, person_id, f"{subject}/{cause}", subject, but_not=(context.person_id,))
    return (tell, Emit(EventKind.NOTICES_WAITING, subject))


async def ended_at_once(
    context: ActContext,
    person_id: int,
    cause: str,
    reason: str,
    *,
    office: str = "",
    school_id: int | None = None,
) -> tuple[Step, ...]:
    """The letters of the same hour: to the person, those who run accounts with them, and the offices near."""
    subject = Subject(SubjectKind.PERSON, person_id)
    notice = OfficeEnded(by_id=context.person_id, office=office, school_id=school_id, reason=reason)
    offices: list[RoleAt] = [policy_office(context.policy)]
    if school_id is not None:
        offices.append(office_at(context.policy.office(context.policy.duties.runs_school), school_id))
    people: Readers = (person_id, *await _beside(context, person_id), *offices)
    told = (
        Tell(notice, one, f"{subject}/{cause}", subject, (context.person_id,))
        for one in dict.fromkeys(people)
    )
    return (*told, Emit(EventKind.NOTICES_WAITING, subject))


async def _beside(context: ActContext, person_id: int, account_id: int | None = None) -> tuple[int, ...]:
    """Who else has access to the accounts that the person has access to, or to one of them."""
    theirs = select(col(Access.account_id)).where(
        col(Access.person_id) == person_id, col(Access.state) != AccessState.REVOKED
    )
    if account_id is not None:
        theirs = theirs.where(col(Access.account_id) == account_id)
    rows = await context.session.run(
        select(col(Access.person_id))
        .where(
            col(Access.account_id).in_(theirs),
            col(Access.person_id) != person_id,
            col(Access.state) == AccessState.GRANTED,
        )
        .distinct()
        .order_by(col(Access.person_id))
    )
    return tuple(rows.scalars())


async def end_accesses_now(context: ActContext, person_id: int, last: date) -> tuple[int, ...]:
    """A designation of the person ended at once: so do the accesses that hang on it, in the same name.

    The last one who can reach a live account keeps it until somebody else can, who is asked for now: the
    numbers of these accounts.
    """
    kept = []
    policy, today = context.policy, context.today
    hanging = ending(policy, last, announced_too=True).where(col(Access.person_id) == person_id)
    ids = [number for number in (await context.session.run(hanging)).scalars() if number is not None]
    for number in ids:  # one by one: each must see who else still has access
        found: Result[*tuple[Any, ...]] = await context.session.run(
            select(
                col(Access.state),
                col(Access.version),
                col(Account.id).label("account_id"),
                col(Account.level),
                col(Account.school_id),
                nobody_else(policy, today).label("nobody_else"),
            )
            .join(Account, col(Account.id) == col(Access.account_id))
            .where(col(Access.id) == number)
        )
        row = found.one()
        about = Subject(SubjectKind.ACCESS, number)
        account = Subject(SubjectKind.ACCOUNT, row.account_id)
        keepers = (*custodians(policy, row.level, row.school_id), policy_office(policy))
        others: Readers = (*await _beside(context, person_id, row.account_id), *keepers)
        if row.state is AccessState.GRANTED and row.nobody_else:
            kept.append(row.account_id)
            ends = {"ends_on": today, "ends_for": AccessEnd.DESIGNATION}
            await context.session.run(update(Access).where(col(Access.id) == number).values(**ends))
            notice = AccessEnds(ends_on=today, because=AccessEnd.DESIGNATION, by_id=context.person_id)
            steps: tuple[Step, ...] = (
                *ask_to_hold(account, row.level, (), policy, today),
                *(
                    Tell(notice, one, f"{about}/v{row.version}/ends {today}", about)
                    for one in dict.fromkeys((person_id, *others))
                ),
            )
        else:
            control = approving(policy, row.level)
            others = tuple(dict.fromkeys(one for one in others if one != context.person_id))
            steps = end_now(about, row.state, row.version, person_id, AccessEnd.DESIGNATION, control, others)
        await context.apply(Outcome(steps))
    return tuple(sorted(kept))

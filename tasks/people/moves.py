"""What a roster moves: a school that is gone or back, an administrator who works at another one."""

from typing import Any

from sqlalchemy import Result, select
from sqlmodel import col
from sqlmodel import select as of_models

from policy.moves import ask_where, ask_who_stays, place_key
from policy.training_gate import ENDED_ACCOUNTS
from schemas.accounts import Access, Account
from schemas.outcome import Outcome, Settle, Step, Subject
from schemas.people import Absence, Person
from schemas.roster import RosterDifference
from schemas.states import AccessState
from schemas.words import SubjectKind
from tasks.acts.context import ActContext
from tasks.people.offices_told import nobody_deputizes


async def ask_about_moves(context: ActContext, found: RosterDifference) -> None:
    """Ask what becomes of the accounts of schools that are gone and of people who moved.

    Nothing is taken from anybody: until somebody answers, accounts and accesses stay as they are.
    """
    steps: list[Step] = []
    policy, today = context.policy, context.today
    gone = await context.session.run(
        select(col(Account.id), col(Account.level))
        .where(
            col(Account.school_id).in_([one.id for one in found.gone_schools]),
            col(Account.state).not_in(ENDED_ACCOUNTS),
        )
        .order_by(col(Account.id))
    )
    for number, level in gone.all():
        steps += ask_where(Subject(SubjectKind.ACCOUNT, number or 0), level, policy, today)
    back = [one.school.id for one in found.changed_schools if ("active", False, True) in one.fields]
    there = await context.session.run(select(col(Account.id)).where(col(Account.school_id).in_(back)))
    keys = tuple(place_key(Subject(SubjectKind.ACCOUNT, number or 0)) for number in there.scalars())
    if keys:
        steps.append(Settle(keys, done=False))
    former = {
        one.person.id: one.person.school_id
        for one in found.changed_people
        if one.person.school_id is not None and any(name == "school" for name, _, _ in one.fields)
    }
    still = {one.id for one in found.gone_schools}
    kept: Result[*tuple[Any, ...]] = await context.session.run(
        select(
            col(Access.account_id),
            col(Access.person_id),
            col(Account.level),
            col(Account.school_id),
            col(Person.school_id).label("new_school_id"),
        )
        .join(Account, col(Account.id) == col(Access.account_id))
        .join(Person, col(Person.id) == col(Access.person_id))
        .where(
            col(Access.person_id).in_(former),
            col(Access.state) != AccessState.REVOKED,
            col(Access.ends_on).is_(None),
            col(Account.state).not_in(ENDED_ACCOUNTS),
        )
        .order_by(col(Access.account_id), col(Access.person_id))
    )
    for row in kept.all():
        if row.school_id != former[row.person_id] or row.school_id in still:
            continue  # the account's school is gone as well: that is asked about the account
        account = Subject(SubjectKind.ACCOUNT, row.account_id)
        schools = (row.school_id, row.new_school_id)
        steps += ask_who_stays(account, row.level, row.person_id, schools, policy, today)
    await context.apply(Outcome(tuple(steps)))


async def tell_of_deputies_who_left(context: ActContext, found: RosterDifference) -> None:
    """Whoever deputizes in an absence and has left can't: those who can name another are told."""
    rows = await context.session.exec(
        of_models(Absence, Person.school_id)
        .join(Person, col(Person.id) == col(Absence.person_id))
        .where(
            col(Absence.deputy_id).in_([one.id for one in found.gone_people]),
            col(Absence.ends_on) >= context.today,
            col(Person.active),
        )
        .order_by(col(Absence.id))
    )
    steps = [
        step
        for absence, school_id in rows.all()
        for step in nobody_deputizes(context, absence, school_id, dismissed=False)
    ]
    await context.apply(Outcome(tuple(steps)))

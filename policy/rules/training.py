"""5.2 and 6.1: whoever has access to a live account has a current completion of the privacy course."""

from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Exists,
    Select,
    SQLColumnExpression,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlmodel import col

from policy.model import Policy
from policy.rules.dates import plus_days
from policy.rules.form import Among, rule
from schemas.accounts import Access, Account
from schemas.gates import Completion
from schemas.people import Person
from schemas.states import AccessState
from schemas.words import Level


def needs_course(policy: Policy) -> ColumnElement[bool]:
    """The accounts whose people need the course: all but classroom accounts that are let off (6.1)."""
    classroom = col(Account.level) == Level.CLASSROOM
    word = col(Account.training_required)
    if policy.course.required_for_classroom:
        return or_(~classroom, word.is_(None), word.is_(true()))
    return or_(~classroom, word.is_(true()))


def has_current_completion(person_id: SQLColumnExpression[Any], policy: Policy, today: date) -> Exists:
    """Whether that person's course counts on `today`: the last day of its validity still does (5.2)."""
    return exists().where(
        col(Completion.course) == policy.course.id,
        col(Completion.person_id) == person_id,
        col(Completion.voided_at).is_(None),
        col(Completion.completed_on) >= today - policy.course.validity,
    )


@rule(clause="5.2", scope=needs_course)
def course_is_current(policy: Policy, today: date, among: Among) -> Select[*tuple[Any, ...]]:
    """Every access granted on a live account that needs the course, without a current completion.

    Due on the last day that the latest completion counted; on `today` for somebody who has none.
    """
    person = col(Access.person_id)
    lapsed_on = (
        select(plus_days(func.max(col(Completion.completed_on)), policy.course.valid_days))
        .where(
            col(Completion.course) == policy.course.id,
            col(Completion.person_id) == person,
            col(Completion.voided_at).is_(None),
        )
        .correlate(Access)
        .scalar_subquery()
    )
    return (
        select(
            col(Account.id).label("account_id"),
            person.label("person_id"),
            func.coalesce(lapsed_on, today).label("due_on"),
            case(
                (lapsed_on.is_(None), literal("Has access and no completion of the course.")),
                else_=literal("Has access and a completion of the course that has lapsed."),
            ).label("detail"),
        )
        .join(Access, col(Access.account_id) == col(Account.id))
        .where(
            col(Access.state) == AccessState.GRANTED,
            # asked of each person once, however many accesses they have; of a few accounts, of theirs alone
            person.in_(select(col(Person.id)).where(~has_current_completion(col(Person.id), policy, today)))
            if among.everybody
            else ~has_current_completion(person, policy, today),
        )
    )

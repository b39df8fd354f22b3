"""Whoever has access has completed a course first, and keeps it current."""

from datetime import date
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from sqlalchemy import (
    ColumnElement,
    Exists,
    Select,
    SQLColumnExpression,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlmodel import col

from policy.controls._control import asked_at_once
from policy.controls._rule import Rule
from policy.parts import Count, Grace, Id
from policy.selects import AccountFilter, plus_days
from schemas.accounts import Access, Account
from schemas.gates import Completion
from schemas.people import Person
from schemas.states import AccessState
from schemas.words import ItemKind

if TYPE_CHECKING:
    from policy.model import Course, Policy


class Required(StrEnum):
    """Whether an account asks its people for the course; whoever approves it may have a word of their own."""

    ALWAYS = "always"
    UNLESS_WAIVED = "unless waived"  # by the approver, for one account
    WHEN_ASKED = "when asked"  # by the approver, for one account


class TrainingBeforeAccess(Rule):
    """Nobody has access to an account of these levels without a current completion of the course.

    `course`: its id. `required`: of every such account, or by the approver's word. `grace_school_days`:
    whoever is found with access and without a current completion is asked, and has so many school days before
    it is suspended. `asked_days_before_lapse`: when whoever holds access is asked to renew it; on the last
    school day before, where that is none. `told_school_days_before`: the letter that names the last day has
    left at least so many school days before access is taken; else it is taken later.

    Finds every access without a current completion. Asks the person to complete or renew the course, and
    suspends access after the last day that the letter named, or at once when a completion is voided as
    false; a new completion gives it back. Never takes the last access that reaches a live account.
    """

    asks_for: ClassVar[tuple[ItemKind, ...]] = (ItemKind.COMPLETE_COURSE,)

    use: Literal["training-before-access"] = "training-before-access"
    course: Id
    required: Required
    grace_school_days: Grace
    asked_days_before_lapse: Count
    told_school_days_before: Count = 5

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        return (("course", "course", self.course),)

    def is_required(self, word: bool | None) -> bool:
        """Whether one account asks for it. `word` is its approver's own; None: they had none."""
        if self.required is Required.ALWAYS or word is None:
            return self.required is not Required.WHEN_ASKED
        return word

    def slips(self, policy: "Policy") -> tuple[tuple[str, str], ...]:
        """A course that is asked for anew as soon as it is done."""
        lasts = policy.course_by_id(self.course).valid_days
        return asked_at_once("asked_days_before_lapse", self.asked_days_before_lapse, lasts)

    def scope(self, policy: "Policy") -> ColumnElement[bool]:
        """The accounts whose people need the course."""
        word, of_its_levels = col(Account.training_required), super().scope(policy)
        match self.required:
            case Required.ALWAYS:
                return of_its_levels
            case Required.UNLESS_WAIVED:
                return and_(of_its_levels, or_(word.is_(None), word.is_(true())))
            case Required.WHEN_ASKED:
                return and_(of_its_levels, word.is_(true()))

    def found(self, policy: "Policy", today: date, among: AccountFilter) -> Select[*tuple[Any, ...]]:
        """Every access granted on a live account that needs the course, without a current completion.

        Due on the last day that the latest completion counted; on `today` for somebody who has none.
        """
        person, course = col(Access.person_id), policy.course_by_id(self.course)
        latest = func.max(col(Completion.completed_on))
        lapsed_on = (
            select(latest if course.valid_days is None else plus_days(latest, course.valid_days))
            .where(
                col(Completion.course) == course.id,
                col(Completion.person_id) == person,
                col(Completion.voided_at).is_(None),
            )
            .correlate(Access)
            .scalar_subquery()
        )
        current_of = partial(_has_current_completion, course, today)
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
                # of each person once, however many accesses they have; of a few accounts, of theirs alone
                person.in_(select(col(Person.id)).where(~current_of(col(Person.id))))
                if among.everybody
                else ~current_of(person),
            )
        )


def _has_current_completion(course: "Course", today: date, person_id: SQLColumnExpression[Any]) -> Exists:
    """Whether that person's course counts on `today`: the last day of its validity still does."""
    return exists().where(
        col(Completion.course) == course.id,
        col(Completion.person_id) == person_id,
        col(Completion.voided_at).is_(None),
        col(Completion.completed_on) >= course.counts_from(today),
    )

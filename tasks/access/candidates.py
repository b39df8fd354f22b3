"""Which accesses may have something to do tonight: few, however many there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from sqlalchemy import (
    BindParameter,
    Date,
    Integer,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    exists,
    false,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col

from policy.controls.text_acknowledged import TextAcknowledged
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.gates import gates
from policy.model import Policy, Text
from policy.training_gate import ENDED_ACCOUNTS, OPEN_ACCOUNTS
from policy.training_lapse import asked_to_renew_from
from schemas.accounts import Access, Account
from schemas.gates import Acceptance, Completion, GuidelineReceipt
from schemas.machinery import ActionItem
from schemas.people import Person
from schemas.states import AccessState
from schemas.words import AccessEnd, ItemKind, ItemState, SubjectKind
from tasks.store.given import TODAY

#: The number of the one account that is asked about, given as `account`.
ACCOUNT: BindParameter[int] = bindparam("account", type_=Integer())


def _is_done(
    control: TrainingBeforeAccess, counts_from: BindParameter[date], person: SQLColumnExpression[int | None]
) -> ColumnElement[bool]:
    """Whether a person has a completion of a control's course that counts."""
    return exists().where(
        col(Completion.person_id) == person,
        col(Completion.course) == control.course,
        col(Completion.voided_at).is_(None),
        col(Completion.completed_on) >= counts_from,
    )


def _is_asked(course: str, person: SQLColumnExpression[int | None]) -> ColumnElement[bool]:
    """Whether a person is asked to renew a course already."""
    return exists().where(
        col(ActionItem.subject_kind) == SubjectKind.PERSON,
        col(ActionItem.subject_id) == person,
        col(ActionItem.kind) == ItemKind.COMPLETE_COURSE,
        col(ActionItem.state) == ItemState.OPEN,
        col(ActionItem.key).contains(f"/course/{course}/renew/"),
    )


def _lacks_its_course(
    control: TrainingBeforeAccess, person: SQLColumnExpression[int | None]
) -> ColumnElement[bool]:
    """Whether a person's course does not count, or lapses soon and they are not asked for it yet."""
    now, soon = (bindparam(name, type_=Date()) for name in _counting(control))
    return or_(
        not_(_is_done(control, now, person)),
        and_(not_(_is_done(control, soon, person)), not_(_is_asked(control.course, person))),
    )


def _counting(control: TrainingBeforeAccess) -> tuple[str, str]:
    """The names of the first days of completion that count today, and when a renewal is asked for."""
    return f"{control.name} counts from", f"{control.name} counts soon from"


def days_of(policy: Policy, today: date) -> dict[str, date]:
    """The days that `may_move` is asked with."""
    days = {"today": today}
    for control in policy.of(TrainingBeforeAccess):
        course = policy.course_by_id(control.course)
        lapsing = partial(asked_to_renew_from, control=control, calendar=policy.calendar)
        soon = policy.calendar.asked_through(today, lapsing) + timedelta(days=1)
        days |= zip(_counting(control), (course.counts_from(today), course.counts_from(soon)), strict=True)
    return days


def _never_sent(text: Text, person: SQLColumnExpression[int | None]) -> ColumnElement[bool]:
    """Whether a text of each person was never sent to this one in its present version."""
    return ~exists().where(
        col(GuidelineReceipt.person_id) == person,
        col(GuidelineReceipt.guideline) == text.id,
        col(GuidelineReceipt.guideline_version) == text.version,
    )


def _never_accepted(text: Text) -> ColumnElement[bool]:
    """Whether a text of each account was never sent to the person for it in its present version."""
    return ~exists().where(
        col(Acceptance.person_id) == col(Access.person_id),
        col(Acceptance.account_id) == col(Access.account_id),
        col(Acceptance.text) == text.id,
        col(Acceptance.text_version) == text.version,
    )


@dataclass(frozen=True)
class _Lacks:
    """What people may lack, each under a name, and of which accesses it is asked."""

    of_person: Mapping[str, ColumnElement[bool]]
    where: Mapping[str, ColumnElement[bool]]
    of_access: tuple[ColumnElement[bool], ...]


def _lacks(policy: Policy) -> _Lacks:
    """Of each person who has access or waits for it: a course, or a text in its present version."""
    person = col(Person.id)
    courses = policy.of(TrainingBeforeAccess)
    of_person = {f"lacks {one.name}": _lacks_its_course(one, person) for one in courses}
    where = {f"lacks {one.name}": one.scope(policy) for one in courses}
    of_access = []
    for control in policy.of(TextAcknowledged):
        for text in map(policy.text, control.texts):
            fits = and_(control.scope(policy), col(Account.channel).in_(text.fits) if text.fits else true())
            if control.each == "account":
                of_access.append(and_(fits, _never_accepted(text)))
            else:
                name = f"lacks {control.name} {text.id}"
                of_person[name], where[name] = _never_sent(text, person), fits
    return _Lacks(of_person, where, tuple(of_access))


def may_move(policy: Policy, *, of_one: bool = False) -> Select[int | None, int, str]:
    """The accesses that may have something to do: (access, account, handle). Few, however many there are.

    Waiting ones; granted ones whose person lacks a course, has one to be renewed, or was not sent a text;
    those suspended for a gate; those of people who have left, of suspended accounts too, or who are back;
    those whose last day is over. Whether there *is* something to do, `decide_access` says. Built once a
    policy, and asked with the days of `days_of`; `of_one`: only of one account, asked with its number too,
    as `account`.
    """
    only = ACCOUNT if of_one else None
    return policy.once(("accesses that may move", of_one), lambda: _may_move(policy, only))


def _may_move(policy: Policy, only: BindParameter[int] | None = None) -> Select[int | None, int, str]:
    lacks = _lacks(policy)
    # each person is looked at once, and not for each access; few lack anything, or have left
    looked_at = select(
        col(Person.id), col(Person.active), *(one.label(name) for name, one in lacks.of_person.items())
    ).where(or_(not_(col(Person.active)), *lacks.of_person.values()))
    if only is not None:
        theirs = select(col(Access.person_id)).where(col(Access.account_id) == only)
        looked_at = looked_at.where(col(Person.id).in_(theirs))
    person = looked_at.cte("looked_at").prefix_with("MATERIALIZED").c
    has_left = and_(person.id.is_not(None), not_(person.active))
    in_use = col(Account.state).not_in(ENDED_ACCOUNTS)
    return (
        select(col(Access.id), col(Access.account_id), col(Account.handle))
        .join(Account, col(Account.id) == col(Access.account_id))
        .outerjoin(person.id.table, person.id == col(Access.person_id))
        .where(
            true() if only is None else col(Access.account_id) == only,
            or_(
                and_(col(Access.ends_on) < TODAY, col(Access.state) != AccessState.REVOKED, in_use),
                and_(
                    col(Access.ends_for) == AccessEnd.LEFT,
                    col(Access.state) == AccessState.REVOKED,
                    or_(person.id.is_(None), person.active),
                    in_use,
                ),
                and_(has_left, col(Access.state) != AccessState.REVOKED, in_use),
                and_(
                    col(Account.state).in_(OPEN_ACCOUNTS),
                    or_(
                        col(Access.state) == AccessState.WAITING,
                        and_(
                            col(Access.state) == AccessState.GRANTED,
                            or_(
                                false(),
                                *(and_(person[name], where) for name, where in lacks.where.items()),
                                *lacks.of_access,
                            ),
                        ),
                        and_(
                            col(Access.state) == AccessState.SUSPENDED,
                            col(Access.suspended_for).in_(gates(policy)),
                        ),
                    ),
                ),
            ),
        )
        .order_by(col(Access.account_id), col(Access.id))
    )

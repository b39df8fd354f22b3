"""How far advice has reached people, by school."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlmodel import col

from policy.controls.advice import Advice
from policy.model import Policy, Text
from schemas.gates import AdviceReceipt
from schemas.people import Person, School
from tasks.guidance.facts import concerned, has_it, pairs
from tasks.store.session import Session


@dataclass(frozen=True)
class AdviceAt:
    """One text at one school: whom it concerns, who was sent it lately, who was asked and has answered.

    `school_name`: empty for people of no school.
    """

    text: str
    version: str
    control: str
    school_name: str
    concerns: int
    sent: int
    asked: int
    acknowledged: int


@dataclass(frozen=True)
class AdviceOf:
    """One text that concerns a person, and when this version was last sent to them; None: it was not yet.

    `asked`: whether an answer was asked for; `answered`: whether it came.
    """

    control: str
    text: str
    version: str
    sent_on: date | None
    asked: bool
    answered: bool


async def advice_of(session: Session, policy: Policy, person: int) -> tuple[AdviceOf, ...]:
    """What advice concerns a person, each text once, with how far it has come."""
    found: dict[str, AdviceOf] = {}
    for control, text in pairs(policy):
        if text.id in found:
            continue
        row = (
            await session.run(
                select(
                    col(AdviceReceipt.sent_on), col(AdviceReceipt.asked), col(AdviceReceipt.acknowledged_at)
                )
                .select_from(Person)
                .outerjoin(
                    AdviceReceipt,
                    and_(
                        col(AdviceReceipt.person_id) == col(Person.id),
                        col(AdviceReceipt.text) == text.id,
                        col(AdviceReceipt.text_version) == text.version,
                    ),
                )
                .where(col(Person.id) == person, concerned(control, text, policy))
                .order_by(col(AdviceReceipt.sent_on).desc())
                .limit(1)
            )
        ).first()
        if row is not None:
            answered = row.acknowledged_at is not None
            found[text.id] = AdviceOf(
                control.name, text.id, text.version, row.sent_on, bool(row.asked), answered
            )
    return tuple(found.values())


async def advice_by_school(
    session: Session, policy: Policy, today: date, school_id: int | None = None
) -> tuple[AdviceAt, ...]:
    """How far each text has come on `today`, school by school; one statement a text."""
    found: list[AdviceAt] = []
    for control, text in pairs(policy):

        def counted(*more: ColumnElement[bool], of: Text = text, by: Advice = control) -> Any:
            return func.sum(case((has_it(of, by, today, *more), 1), else_=0))

        asked = col(AdviceReceipt.asked)
        wanted = (
            select(
                func.coalesce(func.max(col(School.name)), "").label("school_name"),
                func.count(col(Person.id)).label("concerns"),
                counted().label("sent"),
                counted(asked.is_(True)).label("asked"),
                counted(asked.is_(True), col(AdviceReceipt.acknowledged_at).is_not(None)).label(
                    "acknowledged"
                ),
            )
            .select_from(Person)
            .outerjoin(School, col(School.id) == col(Person.school_id))
            .where(concerned(control, text, policy))
            .group_by(col(Person.school_id))
            .order_by(func.max(col(School.name)))
        )
        if school_id is not None:
            wanted = wanted.where(col(Person.school_id) == school_id)
        rows = await session.run(wanted)
        found += [AdviceAt(text.id, text.version, control.name, *_counts(row)) for row in rows]
    return tuple(found)


def _counts(row: Any) -> tuple[str, int, int, int, int]:
    """The school, then the counts, as plain numbers."""
    return row.school_name, int(row.concerns), int(row.sent), int(row.asked), int(row.acknowledged)

"""Whose mailbox refuses mail: an item for whoever can see to it, until mail reaches the person again."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlmodel import col

from policy.authority import policy_office
from policy.controls.quiet_hours import QuietHours
from policy.notices.people import MailRefusedFor
from schemas.machinery import Notice
from schemas.outcome import Ask, Outcome, RoleAt, Settle, Subject, Tell
from schemas.people import Person
from schemas.words import ItemKind, SubjectKind
from tasks.cases import Case, Only
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.asked import asked_about
from tasks.store.audit import STEWARD
from tasks.store.mailboxes import parked_by_mailbox, refuses_mail

KIND = ItemKind.MEND_MAILBOX


def _cause(first: int) -> str:
    """One for each time that a mailbox began to refuse: `first` is the oldest notice that it refused."""
    return f"mail refused/notice:{first}"


_IS_ASKED = col(Person.id).in_(asked_about(KIND, SubjectKind.PERSON))

#: Whose mailbox refuses mail while nobody is asked to see to it, with the oldest notice that it refused.
_REFUSED: Select[*tuple[Any, ...]] = (
    select(col(Notice.person_id).label("person_id"), func.min(col(Notice.id)).label("first"))
    .join(Person, col(Person.id) == col(Notice.person_id))
    .where(col(Person.active), ~_IS_ASKED, parked_by_mailbox(), refuses_mail(col(Notice.person_id)))
    .group_by(col(Notice.person_id))
    .order_by(col(Notice.person_id))
)
#: Whom mail reaches again, or who have left, while somebody is asked to see to their mailbox.
_REACHED = (
    select(col(Person.id))
    .where(_IS_ASKED, or_(~col(Person.active), ~refuses_mail(col(Person.id))))
    .order_by(col(Person.id))
)


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The people whose mailbox refuses mail while nobody is asked to see to it; none for one account alone.

    With the oldest notice that it refused; with none, those whom mail reaches again, or who have left.
    """
    del now
    if only is not None:
        return ()
    async with runtime.store.read() as session:
        found = await session.rows(_REFUSED)
        over = (await session.run(_REACHED)).scalars().all()
    return (
        *(Case(f"person {row.person_id}", (row.person_id, row.first)) for row in found),
        *(Case(f"person {one}", (int(one or 0),)) for one in over),
    )


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Ask who keeps the policy, and tell who runs the person's school; or end the item."""
    policy, calendar, (person_id, *first) = runtime.policy, runtime.policy.calendar, case.ids
    about = Subject(SubjectKind.PERSON, person_id)
    async with runtime.store.write() as session:
        if not first:
            over = Outcome((Settle(about=about, kinds=(KIND,)),))
            await apply(session, over, actor=STEWARD, calendar=calendar, now=now)
            return ("mail reaches somebody again",)
        person, keeps = await session.get_one(Person, person_id), policy_office(policy)
        due_on = calendar.due_after(calendar.today(now), school_days=policy.terms(KIND).due_school_days)
        offices = [keeps]
        if person.school_id is not None:
            offices.append(RoleAt(policy.duties.runs_school, person.school_id))
        told, cause = MailRefusedFor(due_on=due_on), _cause(first[0])
        asked = Outcome(
            (
                Ask(f"{about}/mailbox", KIND, keeps, about, policy.name_of(QuietHours), due_on),
                *(Tell(told, of, cause, about, but_not=(person_id,)) for of in offices),
            )
        )
        await apply(session, asked, actor=STEWARD, calendar=calendar, now=now)
    return ("told that mail is refused",)

"""Reports of a student's attempt to reach staff are deleted when their days are over."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import col

from policy.controls.contact_report import Contacts
from schemas.columns import table_of
from schemas.contacts import ContactReport
from schemas.outcome import Outcome, Settle, Subject
from schemas.words import ItemKind, SubjectKind
from tasks.cases import Case, Only
from tasks.lifecycles import Lifecycle, Stage, Turn
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD, append


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The reports whose day has come; none for one account alone."""
    if only is not None:
        return ()
    today = runtime.policy.calendar.today(now)
    wanted = select(col(ContactReport.id)).where(col(ContactReport.delete_on) <= today)
    async with runtime.store.read() as session:
        found = (await session.run(wanted.order_by(col(ContactReport.id)))).scalars()
        return tuple(Case(f"contact report {one}", (one,)) for one in found if one is not None)


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Delete it; the chain keeps that there was one, and its digest."""
    calendar = runtime.policy.calendar
    (number,) = case.ids
    about = Subject(SubjectKind.CONTACT, number)
    async with runtime.store.write() as session:
        gone = await session.run(
            delete(table_of(ContactReport)).where(
                col(ContactReport.id) == number, col(ContactReport.delete_on) <= calendar.today(now)
            )
        )
        if not gone.rowcount:
            return ()
        settle = Settle(about=about, kinds=(ItemKind.SEE_CONTACT,), done=False)
        await apply(session, Outcome((settle,)), actor=STEWARD, calendar=calendar, now=now)
        name = runtime.policy.name_of(Contacts)
        await append(
            session, about, actor=STEWARD, control=name, cause="contact report deleted", now=now, body={}
        )
    return ("deleted",)


LIFECYCLE = Lifecycle(
    "contact-reports", woken_by=(), stages=(Stage("contact report", due, move),), turn=Turn.CONTACTS
)

"""In the summer the division office gets its ordinary mail on its own working days."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update
from sqlmodel import col

from policy.calendar import Calendar
from policy.notices.items import ItemReminder
from policy.notices.requests import DecisionWanted
from schemas.columns import table_of
from schemas.notices import NoticeFacts
from schemas.outcome import Outcome, Subject, Tell
from schemas.people import School
from schemas.words import SubjectKind
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tests.support.world import OTHER_PRINCIPAL, TEACHER, World

JULY = datetime(2027, 7, 6, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("notice", "day"),
    [
        (DecisionWanted(due_on=date(2027, 9, 1)), date(2027, 7, 6)),
        (ItemReminder(item_id=1), date(2027, 7, 7)),
    ],
    ids=["letter", "digest"],
)
async def test_the_office_reads_in_july(world: World, notice: NoticeFacts, day: date) -> None:
    async with world.store.write() as session:
        office = update(table_of(School)).where(col(School.id) == 2).values(is_division=True)
        await session.run(office)
        calendar = Calendar(world.policy)
        about = Subject(SubjectKind.REQUEST, 1)
        tells = tuple(Tell(notice, one, "asked", about) for one in (OTHER_PRINCIPAL, TEACHER))
        await apply(session, Outcome(tells), actor=STEWARD, calendar=calendar, now=JULY)
    leaves = {row["person_id"]: calendar.today(row["not_before"]) for row in await world.rows("notice")}
    assert leaves[OTHER_PRINCIPAL] == day
    assert leaves[TEACHER] >= date(2027, 8, 28)

"""Nobody reads the same words again: reminders say how near the day is; what is told twice is said once."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from icalendar import Calendar as Entries
from sqlalchemy import update
from sqlmodel import col

from deployments.sample.words import RoleKind
from policy.calendar import Calendar
from policy.model import Policy
from policy.notices import NoticeContext
from policy.notices.findings import Findings, SweepSummary
from policy.notices.items import ItemReminder, NoLongerAsked
from schemas.columns import table_of
from schemas.machinery import ActionItem
from schemas.notices import NoticeState
from schemas.outcome import Outcome, RoleAt, Subject, Tell
from schemas.words import ItemKind, ItemState, SubjectKind
from tasks.mail.delivery import deliver
from tasks.mail.mime import build, sender_of
from tasks.mail.writing import entry, letter
from tasks.store import Store
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tests.mail.mail_cases import DUE, NOW, division, notice
from tests.mail.mail_types import SettingsFor
from tests.mail.outbox_helpers import Clock, fill, outbox
from tests.support.letters import words_of
from tests.support.smtp_server import Server
from tests.support.world import OTHER_PRINCIPAL, TEACHER, World

SENDER = sender_of("Steward <steward@example.org>", "communications@example.org")


def read_on(day: date, policy: Policy, climbed_to: str | None = None) -> str:
    """What a reminder of one item says on a day, as it is in the mail."""
    rows = division()
    rows.items[21].kind, rows.items[21].due_on = ItemKind.MEND_FINDING, DUE
    rows.items[21].person_id, rows.items[21].climbed_to = 1, climbed_to
    its = NoticeContext(notice(ItemReminder, 101), rows, policy, datetime.combine(day, time(15), UTC))
    made = letter([entry(its, SENDER)], its, SENDER)
    data = build(
        made,
        sender=SENDER,
        name="Ann Lee",
        address="ann@example.org",
        identity="<1@x>",
        notices=(101,),
        uncertain=False,
        now=its.now,
    )
    return words_of(data)[101]


def test_no_two_reminders_of_one_item_say_the_same(policy: Policy) -> None:
    """On whatever school days the policy has them leave."""
    calendar = Calendar(policy)
    days = [calendar.add_school_days(DUE, offset) for offset in range(-20, 30)]
    said = [read_on(day, policy) for day in days]
    assert len(set(said)) == len(days)
    assert "5 school days are left." in said[15]
    assert "That is the next school day." in said[19]
    assert "That is today." in said[20]
    assert "1 school day ago." in said[21]
    assert "5 school days ago." in said[25]
    assert "has heard of it" not in said[25]
    assert "The Superintendent has heard of it." in read_on(days[25], policy, RoleKind.SUPERINTENDENT)


def test_two_nights_that_found_as_much_are_two(policy: Policy) -> None:
    """The summary names its day: without a key there is no seal in it that would differ."""
    said = set()
    for days in (0, 1):
        row = notice(SweepSummary, 101)
        row.created_at = NOW - timedelta(days=days)
        said.add(entry(NoticeContext(row, division(), policy, NOW), SENDER).words)
    assert len(said) == 2


def test_on_a_day_without_school_nobody_reads_of_no_school_days(policy: Policy) -> None:
    """The office reads mail in July; what fell due on the last day of June is late by no school day."""
    rows = division()
    rows.items[21].due_on = date(2027, 6, 30)
    now = datetime(2027, 7, 6, 15, tzinfo=UTC)
    its = NoticeContext(notice(ItemReminder, 101), rows, policy, now)
    text = entry(its, SENDER).body.text
    assert "It was due on Wednesday 30 June 2027." in text
    assert "ago" not in text


@pytest.mark.parametrize("later", [0, 1], ids=["only one", "two"])
async def test_of_reminders_that_waited_for_the_mail_server_the_newest_leaves(
    sqlite_store: Store, policy: Policy, server: Server, settings_for: SettingsFor, later: int
) -> None:
    waiting = [notice(ItemReminder, number) for number in range(1, 2 + later)]
    for number, row in enumerate(waiting, 1):
        row.key, row.facts = f"reminder {number}", ItemReminder(item_id=21, number=number).stored()
    await fill(sqlite_store, waiting)
    async with sqlite_store.write() as session:
        changed = update(table_of(ActionItem)).where(col(ActionItem.id) == 21).values(reminders=1 + later)
        await session.run(changed)
    await deliver(sqlite_store, policy, settings_for(server.port), now=NOW, clock=Clock(), worker="one")
    rows = await outbox(sqlite_store)
    assert rows[1].state is (NoticeState.DEAD if later else NoticeState.SENT)
    assert rows[1 + later].state is NoticeState.SENT


def test_what_two_notices_say_in_the_same_words_is_said_once(policy: Policy) -> None:
    """Asked in person and in an office, both are done: one line, and both days leave the calendar."""
    rows = division()
    first = rows.items[21]
    first.state = ItemState.DONE
    rows.items[22] = first.model_copy(update={"id": 22, "subject_id": 13})
    one, other = notice(NoLongerAsked, 101), notice(NoLongerAsked, 102)
    other.facts = NoLongerAsked(item_id=22).stored()
    rows.requests[13] = rows.requests[12].model_copy(update={"id": 13})
    contexts = [NoticeContext(each, rows, policy, NOW) for each in (one, other)]
    made = letter([entry(its, SENDER) for its in contexts], contexts[0], SENDER, gathered=True)
    assert made.text.count("You were asked to") == 1
    assert "things wait for you" not in made.text
    assert made.cancelled is not None
    assert len(Entries.from_ical(made.cancelled).walk("VEVENT")) == 2


async def test_who_is_told_in_person_and_in_an_office_is_told_once(world: World) -> None:
    """And what is another matter, or is for somebody else, is told for itself."""
    about, calendar = Subject(SubjectKind.ACCOUNT, 1), Calendar(world.policy)
    told, other = Findings(finding_ids=(1,), mend_by=DUE), Findings(finding_ids=(2,), mend_by=DUE)
    ((school,),) = {
        (row["school_id"],) for row in await world.rows("role") if row["person_id"] == OTHER_PRINCIPAL
    }
    office = RoleAt(RoleKind.SCHOOL_ADMINISTRATOR, school)
    tells = [
        Tell(told, OTHER_PRINCIPAL, "person", about),
        Tell(told, office, "office", about),
        Tell(told, TEACHER, "teacher", about),
        Tell(other, OTHER_PRINCIPAL, "other", about),
    ]
    async with world.store.write() as session:
        await apply(session, Outcome(tuple(tells)), actor=STEWARD, calendar=calendar, now=world.now)
    rows = [(row["key"], row["person_id"]) for row in await world.rows("notice")]
    assert rows == [
        (f"person/person:{OTHER_PRINCIPAL}", OTHER_PRINCIPAL),
        (f"teacher/person:{TEACHER}", TEACHER),
        (f"other/person:{OTHER_PRINCIPAL}", OTHER_PRINCIPAL),
    ]

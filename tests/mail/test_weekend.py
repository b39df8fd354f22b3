"""Asked on Friday at 17:30, done on Saturday: on Monday no letter asks for what is done.

Each through the real acts and lifecycles, from the asking to the mail that leaves.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import update

from policy.gates import course_meant
from policy.notices import NoticeKind
from policy.notices.access import AccessAtRisk, GatesOpen
from policy.notices.credentials import ListReviewDue, RotationDue
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.forms import read
from schemas.notices import NoticeState
from schemas.words import CustodyMode, Via
from tasks.credentials.review_list import ReviewForm, record_review
from tasks.credentials.rotate import RotationForm, record_rotation
from tasks.items import ended
from tasks.mail.delivery import deliver
from tasks.training.completions import CompletionForm, record_completion
from tests.factories.division import a_completion
from tests.mail.mail_types import SettingsFor
from tests.mail.outbox_helpers import Clock
from tests.support.smtp_server import Server
from tests.support.stages import approved, leaves, live
from tests.support.world import CO, PRINCIPAL, TEACHER, World, mail

FRIDAY = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)  # 17:30 in the division
SATURDAY = FRIDAY + timedelta(hours=18)
MONDAY = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


async def since(world: World, custody: CustodyMode) -> None:
    """The account has been live so long that its year is nearly over on that Friday."""
    async with world.store.write() as session:
        values = {"custody": custody, "live_since": FRIDAY - timedelta(days=340)}
        await session.run(update(table_of(Account)).values(**values))


async def password_of_the_year(world: World) -> None:
    await live(world)
    await since(world, CustodyMode.SHARED_PASSWORD)


async def password_of_a_leaver(world: World) -> None:
    await live(world)
    world.now = FRIDAY
    await leaves(world, PRINCIPAL)


async def password_of_both(world: World) -> None:
    """Asked for the year, then for somebody's loss: two letters, of which one names another day."""
    await password_of_the_year(world)
    world.now = FRIDAY
    await world.drain()
    await leaves(world, PRINCIPAL)


async def changed(world: World) -> None:
    given = {"actor": mail(TEACHER), "account": 1, "evidence": "vault/Lakeside Instagram"}
    await record_rotation(
        world.store, world.policy, read(RotationForm, given), via=Via.COMMAND, now=world.now
    )


async def list_of_the_year(world: World) -> None:
    await live(world)
    await since(world, CustodyMode.PERSONAL_ADMINISTRATORS)


async def looked(world: World) -> None:
    form = ReviewForm(actor=mail(TEACHER), account=1)
    await record_review(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def course_lapses(world: World) -> None:
    """The course of everybody lapses in twenty days, seen from that Friday."""
    await live(world)
    day = FRIDAY.date() - timedelta(days=course_meant(world.policy).valid_days or 0) + timedelta(days=20)
    async with world.store.write() as session:
        completion = a_completion(TEACHER, day)
        await session.run(update(table_of(type(completion))).values(completed_on=day))


async def completed(world: World) -> None:
    for person in (PRINCIPAL, TEACHER):
        form = CompletionForm(actor=mail(CO), person=mail(person), completed_on=date(2026, 11, 20))
        await record_completion(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def three_steps(world: World) -> None:
    world.now = FRIDAY
    await approved(world)


async def all_three(world: World) -> None:
    await world.meet_gates(1, PRINCIPAL, TEACHER)


async def all_but_the_course(world: World) -> None:
    await world.meet_gates(1, PRINCIPAL, TEACHER, course=False)


Step = Callable[[World], Awaitable[None]]
DONE: Mapping[str, tuple[type[NoticeKind], Step, Step]] = {
    "the password, for its year": (RotationDue, password_of_the_year, changed),
    "the password, for a leaver": (RotationDue, password_of_a_leaver, changed),
    "the password, for both": (RotationDue, password_of_both, changed),
    "the administrators": (ListReviewDue, list_of_the_year, looked),
    "the course to keep access": (AccessAtRisk, course_lapses, completed),
    "the steps before access": (GatesOpen, three_steps, all_three),
}


async def on_monday(world: World, settings: Any) -> list[dict[str, Any]]:
    """The notices, once all that waited has left or was dropped."""
    await deliver(world.store, world.policy, settings, now=MONDAY, clock=Clock(MONDAY), worker="monday")
    return await world.rows("notice")


@pytest.mark.parametrize("done", [False, True], ids=["not done", "done"])
@pytest.mark.parametrize("story", DONE)
async def test_what_was_done_over_the_weekend_is_not_asked_for(
    world: World, server: Server, settings_for: SettingsFor, story: str, done: bool
) -> None:
    kind, comes_up, step = DONE[story]
    await comes_up(world)
    world.now = FRIDAY
    await world.drain()
    asked = [row["id"] for row in await world.rows("notice") if row["kind"] == kind.kind]
    assert asked
    if done:
        world.now = SATURDAY
        await step(world)
        await world.drain()
    left = {row["id"]: row["state"] for row in await on_monday(world, settings_for(server.port))}
    if done:
        assert {left[one] for one in asked} == {NoticeState.DEAD}
    else:
        assert NoticeState.SENT in {left[one] for one in asked}


async def test_of_two_letters_about_one_matter_the_one_with_its_day_leaves(
    world: World, server: Server, settings_for: SettingsFor
) -> None:
    await password_of_both(world)
    await world.drain()
    rows = [row for row in await on_monday(world, settings_for(server.port)) if row["kind"] == "rotation_due"]
    items = await world.rows("action_item")
    (due,) = {str(one["due_on"]) for one in items if one["state"] == "open" and "/rotate/" in one["key"]}
    left = {row["facts"]["due_on"] for row in rows if row["state"] == NoticeState.SENT}
    assert left == {due}


async def test_of_three_steps_the_letter_names_the_one_that_is_left(
    world: World, server: Server, settings_for: SettingsFor
) -> None:
    await three_steps(world)
    world.now = SATURDAY
    await all_but_the_course(world)
    await on_monday(world, settings_for(server.port))
    letters = [one.message for one in server.inbox if " by " in str(one.message["Subject"])]
    assert letters
    for letter in letters:
        text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert str(letter["Subject"]).strip().startswith("One step by ")
        assert "Complete the course" in text
        assert "Social Media Guidelines" not in text


def entries(server: Server, to: int, method: str) -> dict[str, int]:
    """The calendar's entries in a person's mails with this method, and their sequence."""
    found: dict[str, int] = {}
    for one in server.inbox:
        if one.recipients != [mail(to)]:
            continue
        for part in one.message.walk():
            if part.get_content_type() == "text/calendar" and part.get_param("method") == method:
                file = part.get_payload(decode=True)
                assert isinstance(file, bytes)
                for event in Calendar.from_ical(file).walk("VEVENT"):
                    found[str(event["UID"])] = int(str(event["SEQUENCE"]))
    return found


async def test_what_is_done_in_time_leaves_the_calendar(
    world: World, server: Server, settings_for: SettingsFor
) -> None:
    settings = settings_for(server.port)
    await password_of_the_year(world)
    world.now = FRIDAY
    await world.drain()
    await on_monday(world, settings)
    asked = entries(server, PRINCIPAL, "PUBLISH")
    assert asked
    assert await ended.due(world.runtime, MONDAY) == ()
    world.now = MONDAY + timedelta(hours=2)
    await changed(world)
    tomorrow = MONDAY + timedelta(hours=16)
    cases = await ended.due(world.runtime, tomorrow)
    for case in cases:
        assert await ended.move(world.runtime, case, tomorrow)
    assert cases
    assert await ended.due(world.runtime, tomorrow) == ()
    later = MONDAY + timedelta(days=1)
    clock = Clock(later)
    await deliver(world.store, world.policy, settings, now=later, clock=clock, worker="tuesday")
    gone = entries(server, PRINCIPAL, "CANCEL")
    assert set(gone) == {uid for uid in asked if "password" in uid and "change" in uid}
    assert all(gone[uid] > asked[uid] for uid in gone)

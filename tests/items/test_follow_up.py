"""Following up action items in the store, on both databases: eight weeks, two sweeps at once, leavers."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from deployments.sample.words import RoleKind
from policy.action_items import PERSONAL
from policy.notices.items import ItemEscalated, ItemReminder
from schemas.machinery import ActionItem, Notice
from schemas.notices import NoticeState, Urgency
from schemas.outcome import RoleAt, Subject
from schemas.settings import Settings
from schemas.words import ItemKind, ItemState, SubjectKind, Via
from tasks.items import lifecycle as action_items
from tasks.items import mailboxes
from tasks.items.facts import days_of, may_move
from tasks.items.listing import list_owed
from tasks.mail.release import ReleaseForm, release_parked
from tasks.runtime import Runtime
from tests.factories.division import a_person, a_role, a_school
from tests.items.items_world import CO, DEPUTY, PRINCIPAL, REQUESTER, SUPER, TEACHER, World, days

REMINDER, CLIMB = "item_reminder", "item_escalated"


async def test_eight_weeks_of_an_item_of_each_kind(world: World) -> None:
    """Reminded and climbing as the policy says, one digest a person a day, and silence after the end."""
    calendar, first = world.calendar, date(2026, 9, 9)
    end = date(2026, 10, 22)
    finished = {ItemKind.MEND_FINDING: date(2026, 9, 24)}
    digests: Counter[tuple[date, str]] = Counter()
    for day in days(first, first + timedelta(weeks=8)):
        before = len(world.inbox.mails)
        said = await world.night(day)
        assert calendar.is_school_day(day) or not said
        for kind, when in finished.items():
            if day == when:
                await world.finish(kind)
        if day == end:
            await world.finish(*ItemKind)
        await world.morning(day)
        digests.update((day, who) for who, _ in world.inbox.mails[before:])
        assert day < end or len(world.inbox.mails) == before, "nothing after completion"
    assert set(digests.values()) == {1}, "one digest a person a day"
    notices = await world.notices()
    assert {one.state for one in notices} == {NoticeState.SENT, NoticeState.DEAD}
    sent = Counter(
        (one.facts["item_id"], one.kind, one.person_id) for one in notices if one.state is NoticeState.SENT
    )
    ids = {key: one.id for key, one in (await world.items()).items()}

    def of(kind: ItemKind) -> dict[tuple[str, int], int]:
        return {(what, who): count for (item, what, who), count in sent.items() if item == ids[kind]}

    # due on 22 September: 3 before, the day itself, 10 late; 20 late would be the 23rd of October
    assert of(ItemKind.MEND_REQUEST) == {(REMINDER, REQUESTER): 3}
    # due on 15 September: 2 before, the day itself, then every 5 school days until 21 late
    assert of(ItemKind.DECIDE_REQUEST) == {
        (REMINDER, PRINCIPAL): 2 + 4,
        (CLIMB, CO): 1,
        (CLIMB, SUPER): 1,
    }
    assert of(ItemKind.COMPLETE_COURSE) == {(REMINDER, TEACHER): 3 + 1, (CLIMB, PRINCIPAL): 1}
    assert of(ItemKind.MEND_FINDING) == {(REMINDER, TEACHER): 2}, "done on the third day late, before 08:15"
    for kind in (ItemKind.ACKNOWLEDGE_GUIDELINES, ItemKind.ACCEPT_RESPONSIBILITY, ItemKind.CREATE_ACCOUNT):
        assert of(kind)[CLIMB, PRINCIPAL] == of(kind)[CLIMB, CO] == 1
    assert of(ItemKind.MEND_NOTICE)[CLIMB, CO] == 1
    assert of(ItemKind.SETTLE_ROW)[CLIMB, SUPER] == 1
    items = await world.items()
    for kind in ItemKind:
        reminded = sum(count for (what, _), count in of(kind).items() if what == REMINDER)
        assert items[kind].reminders in {reminded, reminded + 1}, "the last may have ended before it left"


async def test_two_sweeps_at_once_remind_once(world: World) -> None:
    world.now = datetime(2026, 9, 28, 8, tzinfo=UTC)
    runtime = Runtime(Settings(), world.policy, world.store)
    first, second = await asyncio.gather(
        action_items.due(runtime, world.now), action_items.due(runtime, world.now)
    )
    assert first == second
    assert first
    said = await asyncio.gather(
        *(action_items.move(runtime, case, world.now) for cases in (first, second) for case in cases)
    )
    assert sum(map(len, said)) == sum(len(case.ids) for case in first)
    keys = [one.key for one in await world.notices()]
    assert len(keys) == len(set(keys))
    assert max(one.reminders for one in (await world.items()).values()) == 1
    assert await action_items.due(runtime, world.now) == ()


async def test_a_month_without_sweeps_is_caught_up_with_one_digest(world: World) -> None:
    await world.night(date(2026, 10, 14))
    told = await world.notices()
    for item in (await world.items()).values():
        assert len([one for one in told if one.facts["item_id"] == item.id]) <= 2
    await world.morning(date(2026, 10, 14))
    assert max(Counter(who for who, _ in world.inbox.mails).values()) == 1
    before = len(told)
    assert await world.night(date(2026, 10, 15)) == ["reminded"]
    (again,) = (await world.notices())[before:]
    looks = (await world.items())[ItemKind.LOOK_AGAIN]
    assert again.facts["item_id"] == looks.id, "a look that is missing is asked for each school day"


async def test_nothing_on_a_weekend(world: World) -> None:
    assert await world.night(date(2026, 9, 19)) == []
    assert await world.notices() == []


async def test_the_deputy_is_reminded_only_while_the_person_is_away(world: World) -> None:
    await world.only(ItemKind.DECIDE_REQUEST, ItemKind.MEND_NOTICE, ItemKind.ACCEPT_RESPONSIBILITY)
    await world.away(PRINCIPAL, date(2026, 9, 10), date(2026, 9, 11))
    await world.away(TEACHER, date(2026, 9, 15), date(2026, 9, 17))
    ids = {key: one.id for key, one in (await world.items()).items()}

    async def reminded(kind: ItemKind) -> list[int]:
        return [one.person_id for one in await world.notices() if one.facts["item_id"] == ids[kind]]

    for day in days(date(2026, 9, 9), date(2026, 9, 18)):
        await world.night(day)  # a decision and a page are due on the 15th, the acceptance on the 22nd
        if day == date(2026, 9, 17):
            assert await reminded(ItemKind.ACCEPT_RESPONSIBILITY) == [], "nobody can accept for another"
    assert await reminded(ItemKind.DECIDE_REQUEST) == [DEPUTY, PRINCIPAL, CO]
    assert await reminded(ItemKind.MEND_NOTICE) == [TEACHER, DEPUTY, PRINCIPAL]
    assert await reminded(ItemKind.ACCEPT_RESPONSIBILITY) == [TEACHER]


async def test_a_deputy_without_access_is_not_asked_who_has_it(world: World) -> None:
    await world.only(ItemKind.REVIEW_ADMINISTRATORS)
    await world.away(TEACHER, date(2026, 9, 1), date(2026, 10, 30))
    for day in days(date(2026, 9, 9), date(2026, 10, 9)):
        await world.night(day)
    told = {one.person_id for one in await world.notices()}
    assert told
    assert DEPUTY not in told


async def test_an_office_that_falls_empty_is_passed_over_at_once(world: World) -> None:
    await world.only(ItemKind.DECIDE_REQUEST)
    await world.office_ends(PRINCIPAL, date(2026, 9, 8))
    assert await world.night(date(2026, 9, 9)) == ["climbed, since nobody is there"]
    (told,) = await world.notices()
    assert (told.kind, told.person_id) == (ItemEscalated.kind, CO)
    assert (await world.items())["decide the request"].climbed_to == RoleKind.COMMUNICATIONS_OFFICER
    await world.morning(date(2026, 9, 9))
    assert "Nobody is there now who could do it, so it comes to you." in world.inbox.mails[0][1]
    await world.night(date(2026, 9, 11))
    assert (await world.told())[1:] == [(REMINDER, CO)], "the office it came to is reminded"
    await world.morning(date(2026, 9, 11))
    assert "the school administrator of Sample School 1 was asked for this" in world.inbox.mails[1][1]
    await world.put(a_person(20), a_role(20))
    await world.night(date(2026, 9, 15))
    assert (REMINDER, 20) in await world.told(), "somebody was appointed"


async def test_nobody_is_asked_to_decide_their_own_request(world: World) -> None:
    """All who hold the office are the requester: as good as nobody (5)."""
    await world.only(ItemKind.DECIDE_REQUEST)
    await world.office_ends(PRINCIPAL, date(2026, 9, 8))
    await world.put(a_role(REQUESTER))
    await world.night(date(2026, 9, 9))
    assert await world.told() == [(CLIMB, CO)]
    await world.away(REQUESTER, date(2026, 9, 10), date(2026, 9, 30))
    await world.night(date(2026, 9, 11))
    assert await world.told() == [(CLIMB, CO), (REMINDER, CO)], "nor the requester's deputy"


async def test_what_a_principal_owes_does_not_climb_to_the_principal(world: World) -> None:
    await world.only()
    subject = Subject(SubjectKind.ACCESS, 1)
    await world.ask(ItemKind.ACCEPT_RESPONSIBILITY, PRINCIPAL, key="theirs", subject=subject)
    for day in days(date(2026, 9, 9), date(2026, 10, 1)):
        await world.night(day)  # due on the 22nd; 5 school days late on the 1st of October
    assert (CLIMB, CO) in await world.told()
    assert (CLIMB, PRINCIPAL) not in await world.told()


async def test_a_leavers_items_go_to_the_next_or_with_them(world: World) -> None:
    await world.ask(ItemKind.MEND_NOTICE, DEPUTY, key="the same of another")
    await world.leaves(TEACHER)
    said = Counter(await world.night(date(2026, 9, 9)))
    # the others have nobody to climb to, or somebody else was asked for the same
    dropped, climbed = len(PERSONAL) + 1, 6
    assert said == {
        "dropped: the person has left": dropped,
        "climbed, since nobody is there": climbed,
        "reminded": 2,  # Communications, to take hold of an account and to answer: not the leaver's
    }
    items = await world.items()
    for kind in (*PERSONAL, ItemKind.MEND_NOTICE):
        assert items[kind].state is ItemState.DROPPED
    assert items[ItemKind.MEND_FINDING].climbed_to == RoleKind.SCHOOL_ADMINISTRATOR
    assert set(await world.told()) == {(CLIMB, PRINCIPAL), (REMINDER, CO)}


async def test_an_item_opened_again_begins_again(world: World) -> None:
    await world.night(date(2026, 9, 28))
    await world.finish(ItemKind.MEND_NOTICE)
    await world.ask(ItemKind.MEND_NOTICE)
    item = (await world.items())[ItemKind.MEND_NOTICE]
    assert (item.reminders, item.climbed_to, item.next_step_on) == (0, None, None)
    before = len(await world.notices())
    for day in days(date(2026, 9, 29), date(2026, 10, 8)):
        await world.night(day)
    again = [one for one in (await world.notices())[before:] if one.facts["item_id"] == item.id]
    assert [one.kind for one in again] == [ItemReminder.kind] * 2


async def test_items_whose_next_step_lies_ahead_are_not_read(world: World) -> None:
    """However many are open: no row travels until its day has come."""
    await world.only()
    await world.many(
        ActionItem,
        [
            {
                "key": f"item {number}",
                "kind": ItemKind.MEND_FINDING,
                "control": "school-administrators",
                "clause": "5.4",
                "person_id": TEACHER,
                "subject_kind": SubjectKind.ACCOUNT,
                "subject_id": 1,
                "opened_at": world.now,
                "due_on": date(2026, 11, 30),
                "reminders": 0,
                "state": ItemState.OPEN,
                "next_step_on": date(2026, 11, 20) if number % 2 else None,
            }
            for number in range(2000)
        ],
    )

    async def found(today: date) -> list[int]:
        async with world.store.read() as session:
            return [
                len(await session.rows(statement, days_of(world.policy, today)))
                for statement in may_move(world.policy)
            ]

    assert await found(date(2026, 9, 29)) == [0, 0, 0, 0]
    assert await found(date(2026, 11, 23)) == [2000, 0, 0, 0], "5 school days before"


async def test_offices_of_two_schools_are_told_apart(world: World) -> None:
    await world.only()
    office = RoleAt(RoleKind.SCHOOL_ADMINISTRATOR, 2)
    await world.put(a_school(2), a_person(20, school=2), a_role(20, school=2))
    await world.ask(ItemKind.SETTLE_ROW, office, key="another", subject=Subject(SubjectKind.SCHOOL, 2))
    await world.night(date(2026, 9, 14))
    assert await world.told() == [(REMINDER, 20)]


async def parked(world: World, person: int, error: str) -> None:
    """A notice to a person that no server took."""
    await world.put(
        Notice(
            key=f"parked/person:{person}",
            kind=ItemReminder.kind,
            urgency=Urgency.LOW,
            person_id=person,
            subject_kind=SubjectKind.PERSON,
            subject_id=person,
            created_at=world.now,
            not_before=world.now,
            state=NoticeState.PARKED,
            last_error=error,
        )
    )


@pytest.mark.parametrize(
    ("error", "refuses"),
    [
        ("smtp 550", True),
        ("given up: smtp 451", True),
        ("no usable address", True),
        ("facts do not fit", False),
    ],
)
async def test_a_mailbox_that_refuses_mail_is_told_once_and_its_items_climb(
    world: World, error: str, refuses: bool
) -> None:
    await world.only(ItemKind.MEND_NOTICE)
    await parked(world, TEACHER, error)
    for day in days(date(2026, 9, 9), date(2026, 9, 10)):
        await world.night(day)
        for case in await mailboxes.due(Runtime(Settings(), world.policy, world.store), world.now):
            await mailboxes.move(Runtime(Settings(), world.policy, world.store), case, world.now)
    told = await world.told()
    assert told.count(("mail_refused_for", PRINCIPAL)) == told.count(("mail_refused_for", CO)) == refuses
    assert told.count((CLIMB, PRINCIPAL)) == refuses
    async with world.store.read() as session:
        owed = await list_owed(session, world.policy, date(2026, 9, 10))
    assert {one.mail_refused for one in owed if one.person == TEACHER} == {refuses}
    asked = [(one.office, one.subject) for one in owed if one.kind == ItemKind.MEND_MAILBOX]
    assert asked == [(RoleKind.COMMUNICATIONS_OFFICER, TEACHER)] * refuses


async def test_the_item_of_a_mailbox_ends_when_mail_reaches_the_person(world: World) -> None:
    await parked(world, TEACHER, "smtp 550")
    runtime = Runtime(Settings(), world.policy, world.store)
    for _ in range(2):  # asked once
        for case in await mailboxes.due(runtime, world.now):
            assert await mailboxes.move(runtime, case, world.now) == ("told that mail is refused",)
    form = ReleaseForm(actor=str(CO), everything=True)
    await release_parked(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    (case,) = await mailboxes.due(runtime, world.now)
    assert await mailboxes.move(runtime, case, world.now) == ("mail reaches somebody again",)
    assert await mailboxes.due(runtime, world.now) == ()

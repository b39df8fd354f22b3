"""Whose name and position a classroom account's profile shows: read, attested, overruled, expired (6.3)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from policy.calendar import Calendar
from policy.controls.display import Display
from policy.controls.identify_owner import IdentifyOwner
from policy.profile_text import NO_NAME, SHOWN
from schemas.accounts import Access
from schemas.errors import NotAllowed, NotNow, StewardError, Unknown
from schemas.people import Person
from schemas.settings import Settings
from schemas.states import AccessState, AccountState
from schemas.words import PageVerdict, Via
from tasks.pages import PageLook
from tasks.pages.attest_profile import ProfileSeenForm, attest_profile
from tasks.pages.lifecycle import look, record
from tasks.store import verifying
from tests.lifecycles.page_round_helpers import NOBODY, a_round, due, moves_to
from tests.support.page_site import CARRIED, answer, serving
from tests.support.rules import RULES, the_notice
from tests.support.stages import leaves, prepared
from tests.support.stages import live as live_school
from tests.support.world import CO, OTHER_PRINCIPAL, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

PAGE = "https://www.example.org/lakeside"
SHOWS = "News of class 4B, by Given4 Sample4, Teacher"
UNREAD = "Nobody has looked for name and position on its profile."
MISSING = "Its profile does not show the name and position of who administers it."
EXPIRED = "Name and position on its profile were last seen on "
GONE = "Its profile shows somebody who no longer has access to it."


async def live(world: World) -> None:
    """A live classroom account of one teacher."""
    await prepared(world, "classroom")
    await world.report(1, TEACHER)
    await world.look(1)
    await world.drain()
    assert await world.account(1) is AccountState.LIVE


async def read(world: World, page: str | None, *, shows_more: bool = False) -> None:
    """Steward looks at the page and reads this; None: it can't be read."""
    verdict = PageVerdict.UNREACHABLE if page is None else PageVerdict.LINKED
    seen = PageLook(
        verdict,
        world.now,
        the_notice(world.policy).version,
        "",
        page_text=page,
        page_shows_more=shows_more,
    )
    await record(world.store, world.policy, 1, PAGE, seen, world.now)


async def found(world: World) -> list[tuple[date, str]]:
    """What the rule says of the account today."""
    today = Calendar(world.policy).today(world.now)
    async with world.store.read() as session:
        rows = await session.run(RULES["owner-is-named"].violators(world.policy, today))
    return [(row.due_on, row.detail) for row in rows]


async def attest(world: World, by: int = CO, owner: int = TEACHER, account: int = 1) -> None:
    form = ProfileSeenForm(
        account=account, actor=mail(by), owner=mail(owner), evidence="Looked at on a phone, signed in."
    )
    await attest_profile(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def test_what_a_look_reads_is_kept_without_names(world: World) -> None:
    await live(world)
    today = Calendar(world.policy).today(world.now)
    assert await found(world) == [(today + timedelta(days=14), UNREAD)]
    await read(world, "News of class 4B")
    assert await found(world) == [(today, MISSING)]
    await read(world, "Class 4B, Given4 Sample4", shows_more=True)
    assert len(await world.rows("profile_check")) == 1, "what was read in part shows nothing missing"
    await read(world, SHOWS, shows_more=True)
    assert await found(world) == []
    rows = await world.rows("profile_check")
    assert [(row["person_id"], row["shown"], row["attested_by_id"]) for row in rows] == [
        (None, False, None),
        (TEACHER, True, None),
    ]
    assert "Sample" not in str(rows)
    await read(world, None)
    assert await world.rows("profile_check") == rows, "a page that could not be read says nothing"
    good = world.policy.the(IdentifyOwner).seen_good_days
    world.later(days=good)
    assert await found(world) == [], "its last day"
    world.later(days=400 - good)
    assert [said for _, said in await found(world)] == [f"{EXPIRED}{today.isoformat()}."]


async def test_one_look_at_a_real_page_says_both(world: World) -> None:
    """The notice is read where the profile leads, the name on the profile itself (6.3, 8)."""
    await live(world)
    async with serving() as site:
        site.pages["/class"] = answer(
            '<h1>Class 4B</h1><p>Given4 <b>Sample4</b>, Teacher</p><a href="/n">Notice</a>'
        )
        site.pages["/n"] = answer(CARRIED + "<p>Given3 Sample3, teacher</p>")
        await moves_to(world, site.at("/class"))
        settings = Settings.model_construct(page_allow=site.allow)
        seen = await look(world.store, world.policy, settings, 1, world.now)
        assert (seen.verdict, seen.detail) == (
            PageVerdict.LINKED,
            f"The page links to the notice in full. {SHOWN}",
        )
        assert await found(world) == []
        site.pages["/class"] = answer('<h1>Class 4B</h1><a href="/n">Notice</a>')
        seen = await look(world.store, world.policy, settings, 1, world.now)
    assert seen.detail.endswith(NO_NAME)
    assert seen.page_text is None, "it is for the look alone"
    assert [said for _, said in await found(world)] == [MISSING]
    checks = await world.rows("profile_check")
    assert [row["person_id"] for row in checks] == [TEACHER, None]
    assert [row["checked_at"] for row in checks] == [
        row["checked_at"] for row in (await world.rows("page_check"))[-2:]
    ]


async def test_a_profile_that_shows_nobody_is_looked_at_again_soon(world: World) -> None:
    await live(world)
    await read(world, SHOWS)
    world.later(hours=world.policy.the(Display).look_again_after_hours)
    assert await due(world) == []
    await read(world, "News of class 4B")
    assert await due(world) == []
    world.later(hours=world.policy.the(Display).look_again_after_hours)
    assert await due(world) == [1]
    await read(world, SHOWS)
    world.later(hours=world.policy.the(Display).look_again_after_hours)
    assert await due(world) == []


async def test_an_owner_who_is_gone_is_no_owner(world: World) -> None:
    await live(world)
    await read(world, SHOWS)
    async with world.store.write() as session:
        await session.run(update(Access).values(state=AccessState.SUSPENDED))
    today = Calendar(world.policy).today(world.now)
    assert await found(world) == [(today, GONE)]
    await read(world, SHOWS)  # on the page still, and nobody's who has access
    assert await found(world) == [(today, MISSING)]
    async with world.store.write() as session:
        await session.run(update(Access).values(state=AccessState.GRANTED))
    await read(world, SHOWS)
    assert await found(world) == []
    await leaves(world, TEACHER)
    assert await found(world) == [(today, GONE)]


async def test_without_a_position_the_name_must_do_and_it_is_said(world: World) -> None:
    await live(world)
    async with world.store.write() as session:
        await session.run(update(Person).where(col(Person.id) == TEACHER).values(position=""))
    await read(world, "Class 4B of Given4 Sample4")
    assert await found(world) == []
    assert "no position is kept" in (await world.rows("profile_check"))[0]["detail"]


async def test_an_attestation_holds_is_carried_on_and_expires(world: World) -> None:
    await live(world)
    await moves_to(world, NOBODY)
    with pytest.raises(NotNow, match="Nobody has looked"):
        await attest(world)
    assert await a_round(world) == "1 unreachable"
    await world.woken()
    await attest(world)
    assert await world.woken() == {"account-creation"}
    assert await found(world) == []
    (row,) = await world.rows("profile_check")
    last = Calendar(world.policy).today(world.now) + timedelta(
        days=world.policy.the(IdentifyOwner).attested_good_days
    )
    assert (row["person_id"], row["attested_by_id"], row["good_through"]) == (TEACHER, CO, last)
    await verifying.verify(world.store)

    world.later(days=world.policy.the(Display).look_every_days)
    assert await a_round(world) == "1 unreachable"
    assert await found(world) == [], "it holds on"
    world.later(
        days=world.policy.the(IdentifyOwner).attested_good_days - world.policy.the(Display).look_every_days
    )
    assert await found(world) == [], "its last day"
    world.later(days=1)
    days = world.policy.the(IdentifyOwner).attested_good_days
    seen = f"{EXPIRED}{last - timedelta(days=days)}."
    assert await found(world) == [(last, seen)]
    await attest(world, by=PRINCIPAL)
    assert await found(world) == []


async def test_what_steward_reads_overrules_what_was_attested(world: World) -> None:
    await live(world)
    await read(world, None)
    await attest(world)
    assert await found(world) == []
    world.later(days=1)
    await read(world, "News of class 4B")
    assert [said for _, said in await found(world)] == [MISSING]
    with pytest.raises(NotNow, match="read this page itself: The profile does not show the name"):
        await attest(world)
    world.later(days=1)
    await read(world, None)  # what was read a day ago can't be read now
    await attest(world)
    assert await found(world) == []


@pytest.mark.parametrize(
    ("by", "owner", "error"),
    [
        (TEACHER, TEACHER, NotAllowed),  # their own
        (VICE, TEACHER, NotAllowed),
        (SUPER, TEACHER, NotAllowed),
        (OTHER_PRINCIPAL, TEACHER, NotAllowed),
        (CO, VICE, NotNow),  # does not administer it
        (CO, CO, NotNow),
        (99, TEACHER, Unknown),
        (CO, 99, Unknown),
    ],
)
async def test_who_may_not_attest_and_of_whom(
    world: World, by: int, owner: int, error: type[StewardError]
) -> None:
    await live(world)
    await read(world, None)
    before = await world.everything()
    with pytest.raises(error):
        await attest(world, by, owner)
    assert await world.everything() == before


async def test_the_principal_who_administers_it_too_does_not_attest_it(world: World) -> None:
    asked = {"level": "classroom", "administrators": [mail(TEACHER), mail(PRINCIPAL)]}
    await world.submit(**asked)
    await world.drain()
    await world.decide(1, PRINCIPAL)
    await world.drain()
    await world.meet_gates(1, TEACHER, PRINCIPAL)
    await world.drain()
    await world.report(1, TEACHER)
    await world.look(1)
    await world.drain()
    with pytest.raises(NotAllowed, match="You administer account 1"):
        await attest(world, PRINCIPAL)
    await attest(world, CO, PRINCIPAL)
    assert await found(world) == []


async def test_other_levels_show_nobody(world: World) -> None:
    await live_school(world)
    await read(world, "Given4 Sample4, teacher")
    assert await world.rows("profile_check") == []
    assert await found(world) == []
    with pytest.raises(NotNow, match="need not show name and position"):
        await attest(world)


async def test_an_account_that_has_ended_is_not_attested(world: World) -> None:
    await live(world)
    await moves_to(world, PAGE, AccountState.CLOSED)
    with pytest.raises(NotNow, match="it has ended"):
        await attest(world)

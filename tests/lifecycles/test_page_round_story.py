"""The pages of accounts in use, looked at in rounds, and attested where they can't be read (8)."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from deployments.sample.words import RoleKind
from policy.calendar import Calendar
from policy.controls.display import Display
from schemas.errors import NotAllowed, NotNow
from schemas.evidence import PageCheck
from schemas.states import AccountState
from schemas.words import PageVerdict, Via
from tasks.accounts.looked_at import page_shown
from tasks.findings.evaluation import evaluate
from tasks.pages import PageLook
from tasks.pages.attest_notice import NoticeSeenForm, attest_notice
from tasks.pages.lifecycle import record
from tasks.pages.overrule import OverruleForm, Seen, overrule
from tasks.suspension import asking
from tests.lifecycles.page_round_helpers import NOBODY, a_round, due, moves_to
from tests.support.rules import RULES, the_notice
from tests.support.stages import live
from tests.support.world import CO, PRINCIPAL, TEACHER, World, mail


async def violated(world: World) -> int:
    async with world.store.write() as session:
        today = Calendar(world.policy).today(world.now)
        return (await evaluate(session, RULES["notice-on-page"], world.policy, today, world.now)).violated


async def attest(world: World, by: int = CO) -> None:
    form = NoticeSeenForm(account=1, actor=mail(by), evidence="Looked at on a phone, signed in.")
    await attest_notice(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def test_each_page_is_due_in_its_time(world: World) -> None:
    await live(world)
    pages = world.policy.the(Display)
    (account,) = [row for row in await world.rows("account") if row["id"] == 1]
    async with world.store.write() as session:  # as the look at this very address
        await session.run(update(PageCheck).values(address=account["address"]))
    assert await due(world) == []
    world.now += timedelta(days=pages.look_every_days, seconds=-1)
    assert await due(world) == []
    world.now += timedelta(seconds=1)
    assert await due(world) == [1]
    await moves_to(world, account["address"], AccountState.SUSPENDED)
    assert await due(world) == [1], "it may have been mended"
    await moves_to(world, account["address"], AccountState.CLOSED)
    assert await due(world) == []


async def test_each_look_of_a_long_round_has_its_own_moment(world: World) -> None:
    """The audit chain takes no entry that is far behind its last one, and others write meanwhile."""
    await live(world)
    await moves_to(world, NOBODY)
    later = world.now + timedelta(hours=2)

    await a_round(world, clock=lambda: later)

    assert max(look["checked_at"] for look in await world.rows("page_check")) == later


async def test_unreachable_is_found_attested_holds_and_expires(world: World) -> None:
    await live(world)
    await moves_to(world, NOBODY)
    with pytest.raises(NotNow):
        await attest(world)  # nobody has looked at this page yet
    assert await due(world) == [1], "it has moved"
    assert await a_round(world) == "1 unreachable"
    assert await violated(world) == 1
    with pytest.raises(NotAllowed):
        await attest(world, TEACHER)
    await attest(world)
    assert await violated(world) == 0
    assert await due(world) == []

    world.now += timedelta(days=world.policy.the(Display).look_every_days)
    assert await a_round(world) == "1 attested", "looked at all the same: it may have become readable"
    assert await violated(world) == 0
    await attest(world)  # anew
    world.now += timedelta(days=world.policy.the(Display).attested_good_days)
    assert await violated(world) == 0, "its last day"
    world.now += timedelta(days=1)
    assert await violated(world) == 1
    assert await a_round(world) == "1 unreachable"
    assert await violated(world) == 1


OURS = "https://www.example.org/lakeside"


async def looked_at(world: World, verdict: PageVerdict) -> None:
    """As a round would keep it: nothing is fetched here."""
    seen = PageLook(verdict, world.now, the_notice(world.policy).version, f"Drawn: {verdict}.")
    await record(world.store, world.policy, 1, OURS, seen, world.now)


async def overrule_it(world: World, saw: Seen, by: int = CO) -> None:
    form = OverruleForm(account=1, actor=mail(by), shows=saw, evidence="A picture of it is in file 7.")
    await overrule(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


@pytest.fixture
async def ours(world: World) -> World:
    """A live school account, whose page was looked at."""
    await live(world)
    await moves_to(world, OURS)
    return world


@pytest.mark.parametrize("found", [PageVerdict.MISSING, PageVerdict.ALTERED])
async def test_a_second_person_overrules_a_verdict_until_the_page_changes(
    ours: World, found: PageVerdict
) -> None:
    await looked_at(ours, found)
    with pytest.raises(NotNow, match="attest otherwise 1"):
        await attest(ours)
    for own in (TEACHER, PRINCIPAL):  # both administer it
        with pytest.raises(NotAllowed):
            await overrule_it(ours, Seen.EXACT, own)
    assert await violated(ours) == 1
    await overrule_it(ours, Seen.EXACT)
    assert await violated(ours) == 0
    await looked_at(ours, found)
    await looked_at(ours, PageVerdict.UNREACHABLE)
    assert await violated(ours) == 0, "the looks that follow find nothing new"
    async with ours.store.read() as session:
        shown = await page_shown(session, 1)
    assert shown is not None
    assert shown.how.endswith(f": A picture of it is in file 7; a look found it {found}")
    other = PageVerdict.ALTERED if found is PageVerdict.MISSING else PageVerdict.MISSING
    await looked_at(ours, other)
    assert await violated(ours) == 1, "it shows something else now"
    assert [row["cause"] for row in await ours.rows("audit_entry")].count("look overruled") == 1


async def test_a_pass_is_overruled_too_and_that_expires(ours: World) -> None:
    await looked_at(ours, PageVerdict.EXACT)
    with pytest.raises(NotNow, match="That is what stands"):
        await overrule_it(ours, Seen.EXACT)
    await overrule_it(ours, Seen.MISSING)
    await looked_at(ours, PageVerdict.EXACT)
    assert await violated(ours) == 1
    ours.later(days=ours.policy.the(Display).attested_good_days + 1)
    await looked_at(ours, PageVerdict.EXACT)
    assert await violated(ours) == 0


async def test_what_could_not_be_read_is_attested_and_not_overruled(ours: World) -> None:
    await moves_to(ours, NOBODY)
    with pytest.raises(NotNow, match="Nobody has looked"):
        await overrule_it(ours, Seen.EXACT)
    await moves_to(ours, OURS)
    await looked_at(ours, PageVerdict.UNCLEAR)
    with pytest.raises(NotNow, match="attest notice 1"):
        await overrule_it(ours, Seen.EXACT)


async def test_whoever_administers_it_attests_nothing_of_it(world: World) -> None:
    """The principal approves classroom accounts, and administers this one."""
    await world.submit(level="classroom", administrators=[mail(TEACHER), mail(PRINCIPAL)])
    await world.drain()
    await world.decide(1, PRINCIPAL)
    await world.drain()
    await moves_to(world, OURS)
    await looked_at(world, PageVerdict.UNCLEAR)
    with pytest.raises(NotAllowed, match="You administer account 1"):
        await attest(world, PRINCIPAL)
    await attest(world, CO)


async def test_every_pass_ages_and_says_since_when(ours: World) -> None:
    await looked_at(ours, PageVerdict.EXACT)
    display = ours.policy.the(Display)
    ours.later(days=display.seen_good_days)
    assert await violated(ours) == 0, "its last day"
    ours.later(days=400 - display.seen_good_days)
    assert await violated(ours) == 1
    (said,) = [row["detail"] for row in await ours.rows("finding") if row["control"] == "notice-on-page"]
    seen = ours.now - timedelta(days=400)
    assert said == f"The notice on its page was last seen on {Calendar(ours.policy).today(seen)}."


async def test_nobody_has_looked_goes_to_somebody_who_may_attest_it(ours: World) -> None:
    ours.later(days=ours.policy.the(Display).seen_good_days + 1)
    calendar = Calendar(ours.policy)
    while not calendar.is_school_day(calendar.today(ours.now)):
        ours.later(days=1)
    assert await violated(ours) == 1
    for case in await asking.FINDINGS.due(ours.runtime, ours.now):
        await asking.FINDINGS.move(ours.runtime, case, ours.now)
    asked = [row for row in await ours.rows("action_item") if row["control"] == "notice-on-page"]
    assert [row["role"] for row in asked] == [RoleKind.COMMUNICATIONS_OFFICER]
    await looked_at(ours, PageVerdict.UNREACHABLE)
    await attest(ours, CO)
    assert await violated(ours) == 0

"""Last June is answered as last June was: what happens later changes nothing of a day that is over."""

from datetime import date, timedelta
from html.parser import HTMLParser

import pytest

from deployments.cli.clauses_on import as_html, rows
from policy.model import Policy, parse, text_of
from schemas.adoption import ControlMode
from schemas.errors import BadInput, Unknown
from schemas.settings import ROOT
from schemas.words import Mode, PageVerdict, Via
from tasks.findings.evaluation import evaluate
from tasks.findings.history import Stood, policy_of, stood
from tasks.store import adopted
from tests.commands.act_cases import TEXTING, acted
from tests.support.rules import RULES
from tests.support.stages import leaves, live
from tests.support.world import CO, PRINCIPAL, TEACHER, World

NOTICE = "notice-on-page"


async def night(world: World) -> None:
    async with world.store.write() as session:
        for rule in (NOTICE, "school-administrators"):
            await evaluate(session, RULES[rule], world.policy, world.now.date(), world.now)


async def then(world: World, day: date) -> dict[str, Stood]:
    async with world.store.read() as session:
        policy = await policy_of(session, world.policy, day, world.now.date())
        return await stood(session, policy, day, world.now.date())


async def test_a_day_stays_as_it_was(world: World) -> None:
    """Found, exempt, mended, exempt no more, closed: each day keeps its own answer."""
    before = world.now.date() - timedelta(days=1)
    await live(world)
    await world.look(1, PageVerdict.MISSING)
    await acted(world, "exempt-an-account", CO, account=1, until="2026-12-18", reason="Storm days.")
    await night(world)
    found_on = world.now.date()
    was = (await then(world, found_on))[NOTICE]
    assert (was.accounts, was.held, was.violated, was.excepted) == (1, 0, 1, 1)
    assert (was.people, was.people_violating) == (2, 0)

    world.later(days=1)
    await world.look(1)
    await acted(world, "end-an-exemption", CO, account=1, reason="The storms are over.")
    await night(world)
    mended_on = world.now.date()
    mended = (await then(world, mended_on))[NOTICE]
    assert (mended.accounts, mended.held, mended.violated, mended.excepted) == (1, 1, 0, 0)

    world.later(days=1)
    await leaves(world, TEACHER)
    await world.drain()
    await acted(world, "close-an-account", CO, account=1, reason="Nobody reads it.", at_once=True)
    world.later(days=200)
    assert (await then(world, found_on))[NOTICE] == was, "last June is answered as last June was"
    assert (await then(world, mended_on))[NOTICE] == mended
    assert (await then(world, world.now.date()))[NOTICE].accounts == 0
    assert (await then(world, before))[NOTICE].accounts == 0, "it was not there yet"
    with pytest.raises(BadInput, match="still to come"):
        await then(world, world.now.date() + timedelta(days=1))


async def test_leave_counts_on_its_days(world: World) -> None:
    asked_on = world.now.date()
    await acted(world, "ask-for-leave", TEACHER, **TEXTING)
    await acted(world, "decide-a-leave", PRINCIPAL, leave=1, verdict="grant", reason="It is one journey.")
    (leave,) = await world.rows("leave")
    world.on(leave["ends_on"] + timedelta(days=30))
    assert (await then(world, leave["ends_on"]))["texting"] == Stood("texting", people_excepted=1)
    for day in (asked_on - timedelta(days=1), leave["ends_on"] + timedelta(days=1)):
        assert (await then(world, day))["texting"].people_excepted == 0


async def test_by_the_policy_and_the_modes_of_that_day(world: World) -> None:
    text = text_of(ROOT / "policy" / "ap151.toml")
    first = world.now.date()
    async with world.store.write() as session:
        await adopted.keep(session, text, world.policy, by_id=CO, now=world.now)
    world.later(days=1)
    asked = await _policy(world, first)
    assert (asked.document.version, asked.control("daily-look").mode) == ("2026-09", Mode.OBSERVE)
    await world.put(
        ControlMode(
            control="daily-look",
            mode=Mode.ENFORCE,
            from_on=world.now.date(),
            reason="Everybody was shown how.",
            set_at=world.now,
            set_by_id=CO,
            recorded_via=Via.COMMAND,
        )
    )
    second = world.now.date()
    world.later(days=1)
    newer = text.replace('version = "2026-09"', 'version = "2026-10"', 1)
    async with world.store.write() as session:
        await adopted.keep(session, newer, parse(newer, ROOT), by_id=CO, now=world.now)
    world.later(days=1)
    modes = {day: (await _policy(world, day)).control("daily-look").mode for day in (first, second)}
    assert modes == {first: Mode.OBSERVE, second: Mode.ENFORCE}
    assert (await _policy(world, second)).document.version == "2026-09"
    assert (await _policy(world, world.now.date())).document.version == "2026-10"
    with pytest.raises(Unknown, match="was adopted on"):
        await _policy(world, first - timedelta(days=1))


async def _policy(world: World, day: date) -> Policy:
    async with world.store.read() as session:
        return await policy_of(session, world.policy, day, world.now.date())


class _Read(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not {name for name, _ in attrs} & {"src", "href"}, "it loads nothing"


def test_a_page_that_prints_has_every_row(policy: Policy) -> None:
    counts = {NOTICE: Stood(NOTICE, 3, 2, 1, 0, 5, 1)}
    found = rows(policy, counts)
    page = _Read()
    said = as_html(policy, found, date(2026, 6, 30))
    page.feed(said)
    assert page.tags.count("tr") == 1 + len(found)
    assert "at the end of Tuesday 30 June 2026" in said
    assert {row.clause for row in found} >= {"5", "8", "14.12"}

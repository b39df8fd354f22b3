"""`steward policy try`: the coming nights on a copy of the store, under a changed file and the one in use."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from policy.calendar import Calendar
from policy.model import Policy, load, parse
from schemas.settings import ROOT, Settings
from schemas.tables import metadata
from tasks.rehearsal import Happening, Rehearsal, copied, only_under, rehearse
from tests.support.stages import live
from tests.support.world import PRINCIPAL, TEACHER, World

SHIPPED = ROOT / "policy" / "ap151.toml"

#: Past the day by which everybody is asked, and a few nights more.
NIGHTS = 50

#: The edits that cost people their access when a file was used as soon as it was changed, and what is asked.
COURSE = (
    ('id = "focus-on-privacy"', 'id = "privacy-first"'),
    ('course = "focus-on-privacy"', 'course = "privacy-first"'),
)
GUIDELINES = 'id = "Social Media Guidelines"\nversion = '
EDITS: Mapping[str, tuple[tuple[tuple[str, str], ...], str]] = {
    "a text's version": (((f'{GUIDELINES}"2026-1"', f'{GUIDELINES}"2"'),), "acknowledge the guidelines"),
    "a course's id": (COURSE, "complete the course"),
    "a course's validity": ((("valid_days = 365", "valid_days = 36"),), "complete the course"),
}


def edited(*changes: tuple[str, str]) -> Policy:
    text = SHIPPED.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse(text, Path("edited.toml"))


async def tried(world: World, policy: Policy, days: int) -> Rehearsal:
    return await rehearse(world.store, policy, Settings(), now=world.now, days=days)


async def test_a_copy_holds_every_row_and_leaves_the_store_alone(world: World) -> None:
    await live(world)
    before = await world.everything()
    async with copied(world.store) as copy:
        there = await World(copy, world.policy, world.now).everything()
        assert there == before
        assert there.keys() == metadata.tables.keys()
        await World(copy, world.policy, world.now).submit(handle="@only.in.the.copy")
    assert await world.everything() == before


@pytest.mark.parametrize("edit", EDITS)
async def test_everybody_concerned_is_asked_the_same_night_with_a_day(one_world: World, edit: str) -> None:
    world = one_world
    await live(world)
    before = await world.everything()
    changes, asks = EDITS[edit]
    used, after = [await tried(world, policy, 1) for policy in (load(SHIPPED), edited(*changes))]
    asked = [one for one in only_under(after, used) if one.what == asks]
    assert {one.person for one in asked} == {PRINCIPAL, TEACHER}
    assert all(one.due_on is not None and one.on < one.due_on for one in asked)
    assert not any(one.is_loss for one in after.happened), "nobody loses anything so soon"
    assert await world.everything() == before, "it is only tried"


async def test_who_does_nothing_loses_access_after_the_day_that_was_told(one_world: World) -> None:
    world = one_world
    await live(world)
    changes, asks = EDITS["a text's version"]
    after = await tried(world, edited(*changes), NIGHTS)
    asked = {one.person: one.due_on for one in after.happened if one.what == asks}
    lost = [one for one in after.happened if one.is_loss]
    assert lost, "nobody does anything"
    for one in lost:
        due_on = asked[one.person]
        assert due_on is not None
        assert due_on < one.on
        assert Calendar(world.policy).is_school_day(one.on)


async def test_a_file_that_changes_nothing_brings_nothing(one_world: World) -> None:
    await live(one_world)
    one, other = [await tried(one_world, load(SHIPPED), 3) for _ in range(2)]
    assert only_under(one, other) == only_under(other, one) == ()
    assert one.letters == other.letters


def happening(on: date, person: int = 1) -> Happening:
    return Happening(on, "access suspended", 1, "Instagram", "@lakeside", person, "Ann Lee", "privacy-course")


def test_what_only_comes_earlier_counts_as_more_and_the_later_one_as_less() -> None:
    early, late = date(2026, 11, 2), date(2026, 11, 9)
    one, other = Rehearsal(late, [happening(early)]), Rehearsal(late, [happening(late)])
    assert only_under(one, other) == (happening(early),)
    assert only_under(other, one) == ()
    both = Rehearsal(late, [happening(early), happening(early + timedelta(days=1), person=2)])
    assert only_under(both, one) == (happening(early + timedelta(days=1), person=2),)

"""Somebody may hold one office at two schools: the letters of one are not about the other, and name it."""

from datetime import timedelta

from deployments.sample.words import RoleKind
from tests.commands.act_cases import acted
from tests.support.letters import Taken, deliver_at
from tests.support.world import SUPER, VICE, World, mail

ONE, OTHER = "Sample School 1", "Sample School 2"


async def read(world: World) -> list[tuple[str, str]]:
    """The mails that leave now: to whom, and what they say."""
    post = Taken()
    await deliver_at(world.store, world.policy, world.settings, world.now, post)
    return [(to, " ".join(text.split())) for to, text in post.letters]


async def test_an_end_at_one_school_is_told_though_another_one_was_given_that_day(world: World) -> None:
    """The office at the other school was taken for the one that ended, and nobody near read of the end."""
    office = {"office": RoleKind.SCHOOL_ADMINISTRATOR, "person": mail(VICE)}
    for school in (ONE, OTHER):
        await acted(world, "give-an-office", SUPER, **office, school=school)
    assert sorted(OTHER in text for _, text in await read(world) if "gave" in text) == [
        False,
        False,
        True,
        True,
    ]
    await acted(world, "end-an-office", SUPER, **office, school=ONE, at_once=True, reason="Dismissed there.")
    told = [text for to, text in await read(world) if to == mail(VICE)]
    assert [f"an office that you held: school administrator, {ONE}. It ended at once" in one for one in told]
    assert len(told) == 1


async def test_an_end_that_was_called_off_is_not_told_by_the_other_school_s(world: World) -> None:
    office = {"office": RoleKind.SCHOOL_ADMINISTRATOR, "person": mail(VICE)}
    last = world.now.date() + timedelta(days=30)
    await acted(world, "give-an-office", SUPER, **office, school=ONE)
    await acted(world, "give-an-office", SUPER, **office, school=OTHER, ends_on=last)
    await acted(world, "end-an-office", SUPER, **office, school=ONE, last_day=last, reason="A new post.")
    await acted(
        world, "end-an-office", SUPER, **office, school=ONE, at_once=True, reason="At once after all."
    )
    world.later(days=3)
    told = [text for to, text in await read(world) if to == mail(VICE)]
    assert any("It ended at once" in one for one in told)
    assert not any("Its last day is" in one for one in told)

"""Letters of an office are of its school, and of what stands: somebody may hold the same one at two."""

from datetime import timedelta

from deployments.sample.words import RoleKind
from tests.commands.act_cases import acted
from tests.support.letters import Taken, deliver_at
from tests.support.world import CO, SUPER, VICE, World, mail

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


async def test_an_office_that_ended_at_once_is_not_told_as_given_afterwards(world: World) -> None:
    """The digest of the next morning said that they hold it, after the letter that it had ended."""
    office = {"office": RoleKind.SCHOOL_ADMINISTRATOR, "person": mail(VICE), "school": ONE}
    await acted(world, "give-an-office", SUPER, **office)
    await acted(world, "end-an-office", SUPER, **office, at_once=True, reason="Given by mistake.")
    world.later(days=1)
    told = [text for to, text in await read(world) if to == mail(VICE)]
    assert any("It ended at once" in one for one in told)
    assert not any("you hold an office" in one for one in told)


async def test_who_stands_in_no_longer_is_not_told_that_they_do(world: World) -> None:
    first, last = world.now.date(), world.now.date() + timedelta(days=9)
    away = {"person": mail(SUPER), "deputy": mail(VICE), "starts_on": first, "ends_on": last}
    await acted(world, "note-an-absence", CO, **away)
    await acted(world, "end-an-absence", CO, person=mail(SUPER))
    world.later(days=1)
    told = [text for to, text in await read(world) if to == mail(VICE)]
    assert not any("that you deputize for" in one for one in told)

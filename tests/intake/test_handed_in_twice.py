"""A form that comes twice under one key is recorded once (a run that Prefect retries, a page sent again)."""

import pytest

from schemas.errors import StewardError
from schemas.words import Via
from tasks.acts.table import ACTS
from tasks.credentials.rotate import RotationForm, record_rotation
from tests.support.stages import live
from tests.support.world import TEACHER, World, mail


async def changed(world: World, key: str, evidence: str = "vault/Lakeside") -> str:
    form = RotationForm(actor=mail(TEACHER), account=1, evidence=evidence)
    done = await record_rotation(
        world.store, world.policy, form, via=Via.PREFECT_FORM, now=world.now, key=key
    )
    return done.says


async def test_the_same_key_records_nothing_more(world: World) -> None:
    await live(world)
    assert "already" not in await changed(world, "run/1")
    before = await world.everything()
    world.later(minutes=5)
    assert await changed(world, "run/1") == (
        "This was recorded already, at 2026-10-20 10:00. Nothing is recorded twice: "
        "what was changed after that is not in it."
    )
    assert await world.everything() == before
    assert "already" not in await changed(world, "run/2", "vault/Lakeside 2")
    assert len(await world.rows("rotation")) == len(before["rotation"]) + 1


async def test_what_was_refused_is_a_first_time_again(one_world: World) -> None:
    with pytest.raises(StewardError):
        await changed(one_world, "run/1")
    await live(one_world)
    assert "already" not in await changed(one_world, "run/1")


def test_every_act_with_a_form_gives_a_receipt() -> None:
    """So that each has something to tell the second time."""
    given = {
        name: entry.load().fn.__annotations__["return"] for name, entry in ACTS.items() if entry.has_run_form
    }
    assert {getattr(one, "__name__", one) for one in given.values()} == {"Receipt"}

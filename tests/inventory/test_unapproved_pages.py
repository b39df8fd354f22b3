"""A page that nobody approved, from the report to its end: who is asked, who may, what is refused."""

from typing import Any

import pytest

from schemas.errors import AlreadyDone, BadInput, NotAllowed, NotNow, StewardError
from tasks.inventory.page_listing import unapproved_pages
from tests.clauses.driving import acted
from tests.support.stages import live
from tests.support.world import CO, OTHER_PRINCIPAL, PRINCIPAL, TEACHER, World

PAGE = "https://www.example.org/a-class"
ASKED = "adopt or shut a page"


async def report(world: World, **values: Any) -> None:
    await acted(world, "report-a-page", TEACHER, **{"address": PAGE, "school": "Sample School 1", **values})


async def asked(world: World) -> list[tuple[str | None, int | None]]:
    items = [one for one in await world.rows("action_item") if one["kind"] == ASKED]
    return [(one["role"], one["role_school_id"]) for one in items if one["state"] == "open"]


async def test_from_the_report_to_its_end(world: World) -> None:
    await report(world)
    assert await asked(world) == [("school administrator", 1)]
    assert ("page_to_settle", PRINCIPAL) in await world.told()

    await acted(world, "shut-a-page", PRINCIPAL, page=1, reason="The principal shut it.")
    assert await asked(world) == []
    world.later(days=2)
    await acted(world, "open-a-page-again", CO, page=1, reason="It is there again.")
    assert await asked(world) == [("school administrator", 1)]
    await world.submit()
    done = await acted(world, "adopt-a-page", PRINCIPAL, page=1, request=1)
    assert done.says == "Page 1 is settled: adopted."
    assert await asked(world) == []
    async with world.store.read() as session:
        today = world.policy.calendar.today(world.now)
        waiting = await unapproved_pages(session, today, None)
        every = await unapproved_pages(session, today, None, ended=True)
    assert waiting.rows == ()
    assert [(one.page, str(one.ended_as), one.request) for one in every.rows] == [(1, "adopted", 1)]


async def test_one_of_no_school_is_asked_of_who_keeps_the_policy(world: World) -> None:
    await report(world, school=None)
    assert await asked(world) == [("communications officer", None)]
    with pytest.raises(NotAllowed):
        await acted(world, "shut-a-page", PRINCIPAL, page=1, reason="The principal shut it.")


@pytest.mark.parametrize(
    ("act", "actor", "values", "error"),
    [
        ("shut-a-page", OTHER_PRINCIPAL, {"page": 1, "reason": "It is shut."}, NotAllowed),
        ("shut-a-page", TEACHER, {"page": 1, "reason": "It is shut."}, NotAllowed),
        ("dismiss-a-page", PRINCIPAL, {"page": 1, "reason": "It is not ours."}, NotAllowed),
        ("adopt-a-page", PRINCIPAL, {"page": 1, "request": 2}, BadInput),  # of another school
        ("adopt-a-page", PRINCIPAL, {"page": 1, "request": 3}, BadInput),  # withdrawn
        ("open-a-page-again", PRINCIPAL, {"page": 1, "reason": "It is there."}, NotNow),
        ("report-a-page", TEACHER, {"address": f"{PAGE}/?utm_source=x"}, AlreadyDone),
        ("report-a-page", TEACHER, {"address": "https://m.example.org/lakeside"}, BadInput),  # account 1's
    ],
)
async def test_what_is_refused(
    world: World, act: str, actor: int, values: dict[str, Any], error: type[StewardError]
) -> None:
    await live(world)
    await report(world)
    other = {"school": "Sample School 2", "handle": "@other.school"}
    await world.submit(**other)
    gone = await world.submit(handle="@a.third")
    await acted(world, "withdraw-a-request", TEACHER, request=gone)
    before = await world.rows("unapproved_page")
    with pytest.raises(error):
        await acted(world, act, actor, **values)
    assert await world.rows("unapproved_page") == before


async def test_a_file_from_before_notes_none(world: World) -> None:
    world.policy = world.policy.changed("inventory", settled_within_school_days=None)
    with pytest.raises(NotNow):
        await report(world)

"""Rows of the clauses about the public: its questions, what is taken down, what is wrong."""

from tests.clauses.driving import acted, causes, refused, row, said, violated
from tests.support.stages import live
from tests.support.world import CO, OTHER_PRINCIPAL, TEACHER, VICE, World


@row(
    "12",
    "12.1",
    done="A question is noted at 9 and nobody answers for two days; then it is answered directly.",
)
async def _(world: World) -> str:
    await live(world)
    asks = {"account": 1, "asks": "When does school begin?", "asked_at": "2026-10-20 09:00"}
    noted = await acted(world, "log-an-enquiry", VICE, **asks)
    world.later(days=2)
    late = await violated(world, "answers-in-time")
    done = await acted(world, "answer-an-enquiry", TEACHER, enquiry=1, how="directly")
    return said(noted.says, f"two days later: {late}", done.says, await violated(world, "answers-in-time"))


@row(
    "12.2",
    done="A comment is taken down without a copy, then with it, on a ground; the principal of another "
    "school looks, then Communications.",
)
async def _(world: World) -> str:
    await live(world)
    ad = {"account": 1, "ground": "spam or advertising"}
    without = await refused(world, "record-a-removal", TEACHER, **ad)
    with_it = await acted(world, "record-a-removal", TEACHER, **ad, text="Buy my watches!")
    other = await refused(world, "look-at-a-removal", OTHER_PRINCIPAL, removal=1)
    await acted(world, "look-at-a-removal", CO, removal=1)
    return said(without, with_it.says, other, await causes(world, "removal recorded", "removal looked at"))

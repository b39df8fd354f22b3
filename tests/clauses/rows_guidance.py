"""Rows of the clauses that advise: whom a letter reached, and what was answered."""

from tasks.guidance import lifecycle as guidance
from tests.clauses.driving import acted, refused, row, said
from tests.support.stages import live, prepared
from tests.support.world import PRINCIPAL, TEACHER, World


async def night(world: World) -> None:
    for case in await guidance.due(world.runtime, world.now):
        await guidance.move(world.runtime, case, world.now)


async def sent(world: World, text: str) -> str:
    found = [one for one in await world.rows("advice_receipt") if one["text"] == text]
    people = ", ".join(str(one["person_id"]) for one in found)
    return (
        f"“{text}”, version {found[0]['text_version']}, was sent on {found[0]['sent_on']} to people {people}"
    )


@row("3.2.1", "3.2.2", done="An account is live; the night sends its administrators advice, and one answers.")
async def _(world: World) -> str:
    await live(world)
    await night(world)
    done = await acted(world, "acknowledge-advice", TEACHER)
    replies = len(world.policy.text("direct messages").replies)
    return said(await sent(world, "direct messages"), f"{replies} answers to copy in it", done.says)


@row("4", done="The night sends all staff advice on when to send; a second night sends nothing.")
async def _(world: World) -> str:
    await night(world)
    again = await guidance.due(world.runtime, world.now)
    return said(await sent(world, "timing of messages"), f"due in a second night: {len(again)}")


@row("6.4", done="A classroom account has its teacher; the night sends them advice.")
async def _(world: World) -> str:
    await prepared(world, "classroom")
    await night(world)
    return await sent(world, "students who follow")


@row("13", done="An account is live; the night sends its administrators advice.")
async def _(world: World) -> str:
    await live(world)
    await night(world)
    return await sent(world, "pictures")


@row(
    *("14.1", "14.2", "14.3", "14.4", "14.5", "14.6", "14.7", "14.9", "14.10", "14.12"),
    done="The night sends all staff the advice on personal accounts; the principal answers, twice.",
)
async def _(world: World) -> str:
    await night(world)
    await acted(world, "acknowledge-advice", PRINCIPAL)
    no = await refused(world, "acknowledge-advice", PRINCIPAL)
    answered = [one["person_id"] for one in await world.rows("advice_receipt") if one["acknowledged_at"]]
    return said(await sent(world, "personal accounts"), f"answered by person {answered[0]}", no)

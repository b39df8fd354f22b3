"""Rows of the clauses that allow something with leave only."""

from tasks.leave.lifecycle import LIFECYCLE
from tests.clauses.driving import acted, refused, row, said, told
from tests.support.world import CO, PRINCIPAL, TEACHER, VICE, World, mail

PURPOSE = "A journey with the class to another town."
WHY = "Families can be reached on the way in no other way."


async def night(world: World) -> None:
    for stage in LIFECYCLE.stages:
        for case in await stage.due(world.runtime, world.now):
            await stage.move(world.runtime, case, world.now)


async def register(world: World) -> str:
    found = await world.rows("leave")
    return "; ".join(
        f"leave {one['id']} ({one['under']}) of person {one['person_id']}, through {one['ends_on']}, "
        f"decided by person {one['decided_by_id']}: {one['state']}"
        for one in found
    )


@row("3.1", done="A teacher asks for leave to text; the principal grants it; its last day passes.")
async def _(world: World) -> str:
    asks = {"leave": "texting", "purpose": PURPOSE, "ends_on": "2026-11-03"}
    no = await refused(world, "ask-for-leave", TEACHER, **asks)
    await acted(world, "ask-for-leave", TEACHER, circumstances=WHY, **asks)
    await acted(world, "decide-a-leave", PRINCIPAL, leave=1, verdict="grant", reason="It is one journey.")
    for _ in range(3):
        world.later(days=7)
        await night(world)
    letters = await told(world, "leave_wanted", "leave_decided", "leave_ends_soon", "leave_ended")
    return said(no, await register(world), letters)


@row("3.2", done="The same for direct messages: the supervisor who was named decides, and revokes it.")
async def _(world: World) -> str:
    await acted(
        world, "name-a-supervisor", PRINCIPAL, person=mail(TEACHER), supervisor=mail(VICE), reason="So it is."
    )
    asks = {"leave": "direct-messages", "purpose": PURPOSE, "circumstances": WHY, "ends_on": "2026-11-03"}
    await acted(world, "ask-for-leave", TEACHER, **asks)
    no = await refused(world, "decide-a-leave", PRINCIPAL, leave=1, verdict="grant", reason="It fits.")
    await acted(world, "decide-a-leave", VICE, leave=1, verdict="grant", reason="It is one journey.")
    await acted(world, "revoke-a-leave", VICE, leave=1, reason="The journey does not take place.")
    return said(no, await register(world), await told(world, "leave_revoked"))


@row("14.11", done="A teacher asks for leave to use the logo; Communications grants it for a shorter time.")
async def _(world: World) -> str:
    asks = {"leave": "logos-and-addresses", "purpose": "My page as a coach.", "ends_on": "2027-06-30"}
    await acted(world, "ask-for-leave", TEACHER, **asks)
    granted = {"verdict": "grant", "reason": "For this season.", "until": "2027-01-31"}
    await acted(world, "decide-a-leave", CO, leave=1, **granted)
    return said(await register(world), await told(world, "leave_wanted", "leave_decided"))

"""Rows of what comes later: looks that nobody took, stops, last days, who is named, who keeps an account."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from schemas.words import Mode
from tasks.access import designations, successors
from tasks.items import lifecycle as items
from tasks.lifecycles import Stage
from tasks.monitoring import lifecycle as looks
from tests.clauses.driving import acted, refused, row, said, states, told, violated
from tests.factories.division import a_role
from tests.support.stages import live
from tests.support.world import CO, DEPUTY, PRINCIPAL, SUPER, TEACHER, VICE, World, mail


async def moved(world: World, stages: Sequence[Stage]) -> None:
    for stage in stages:
        for case in await stage.due(world.runtime, world.now):
            await stage.move(world.runtime, case, world.now)


@row(
    "9",
    done="Nobody looks at a live account from a Monday on; on Wednesday its teacher and "
    "its principal go away, and the deputy looks.",
)
async def _(world: World) -> str:
    await live(world)
    begun = {"mode": Mode.ENFORCE, "begins_on": date(2027, 1, 11), "word_each_day": False}
    world = replace(world, policy=world.policy.changed("daily-look", **begun))
    heard = []
    for day in (12, 13, 14):
        world.on(date(2027, 1, day))
        await moved(world, looks.LIFECYCLE.stages)
        await moved(world, items.LIFECYCLE.stages)
        open_ = [one for one in await world.rows("action_item") if one["kind"] == "look at the account"]
        asked = [str(one["person_id"]) for one in open_ if one["state"] == "open"]
        climbed = sorted(
            {str(one["climbed_to"]) for one in open_ if one["climbed_to"] and one["state"] == "open"}
        )
        heard.append(
            f"2027-01-{day}: asked of person {', '.join(asked)}"
            + (f", and it has climbed to the {' and the '.join(climbed)}" if climbed else "")
        )
        if day == 13:
            for one in (PRINCIPAL, TEACHER):
                days = {"starts_on": "2027-01-13", "ends_on": "2027-01-29", "deputy": mail(DEPUTY)}
                await acted(world, "note-an-absence", one, person=mail(one), **days)
    looked = await acted(world, "check-in", DEPUTY, everything=True)
    return said(*heard, await told(world, "look_instead"), looked.says, await violated(world, "daily-look"))


@row(
    "10",
    done="Communications stops an account in an emergency and tries to confirm it; the other office does.",
)
async def _(world: World) -> str:
    await live(world)
    await acted(world, "stop-accounts", CO, accounts=[1], reason="Somebody else posts there.")
    no = await refused(world, "confirm-a-stop", CO, accounts=[1])
    await acted(world, "confirm-a-stop", SUPER, accounts=[1], through="2026-11-06")
    (stop,) = await world.rows("suspension")
    return said(
        no,
        await states(world),
        f"it ends by itself after {stop['through']}",
        await told(world, "stop_to_confirm"),
    )


@row(
    "1",
    done="A teacher is designated through a day and administers a division-wide channel; the day comes near.",
)
async def _(world: World) -> str:
    last = date(2026, 11, 30)
    await acted(world, "designate-an-administrator", SUPER, person=mail(TEACHER), ends_on=str(last))
    await world.submit(
        level="division", school="", administrators=[mail(TEACHER), mail(CO)], actor=mail(VICE)
    )
    await world.drain()
    await world.decide(1, CO)
    await world.drain()
    await world.meet_gates(1, TEACHER, CO)
    await world.drain()
    world.on(last - timedelta(days=8))
    await moved(world, (designations.STAGE,))
    (access,) = [one for one in await world.rows("access") if one["person_id"] == TEACHER]
    return said(f"the access of person 4 ends on {access['ends_on']}", await told(world, "access_ends"))


@row(
    "5",
    done="The principal is asked who follows on a school account and names somebody; Communications "
    "approves it, and then the steps begin.",
)
async def _(world: World) -> str:
    await live(world)
    await acted(world, "remove-an-administrator", CO, account=1, person=mail(TEACHER), reason="A new post.")
    await moved(world, (successors.STAGE,))
    await acted(world, "add-an-administrator", PRINCIPAL, account=1, person=mail(VICE))
    (named,) = [one for one in await world.rows("access") if one["person_id"] == VICE]
    before = f"person 7 is {named['state']}, named by person {named['proposed_by_id']}"
    no = await refused(
        world,
        "decide-on-an-administrator",
        PRINCIPAL,
        account=1,
        person=mail(VICE),
        verdict="approve",
        reason="Yes.",
    )
    reason = {"verdict": "approve", "reason": "She knows the school."}
    await acted(world, "decide-on-an-administrator", CO, account=1, person=mail(VICE), **reason)
    await world.drain()
    return said(before, no, await states(world), await told(world, "gates_open"))


@row(
    "5.4",
    done="The teacher who administers it beside the principal is to leave: it is asked who follows, before.",
)
async def _(world: World) -> str:
    await live(world)
    await acted(world, "remove-an-administrator", CO, account=1, person=mail(TEACHER), reason="A new post.")
    await moved(world, (successors.STAGE,))
    before = await violated(world, "school-administrators")
    (item,) = [one for one in await world.rows("action_item") if one["kind"] == "name a successor"]
    return said(f"before: {before}", f"asked for by {item['due_on']}", await told(world, "successor_wanted"))


@row("5.5", "6.2", done="A year goes by; Communications signs in to a school account and says so.")
async def _(world: World) -> str:
    await live(world)
    world.on(date(2028, 1, 12))
    before = await violated(world, "communications-can-reach-it")
    held = await acted(world, "take-hold-of-an-account", CO, account=1, signed_in=True)
    return said(
        f"before: {before}", held.says, f"after: {await violated(world, 'communications-can-reach-it')}"
    )


@row(
    "6",
    done="A principal asks for a classroom account; an assistant who holds the office tries to decide.",
)
async def _(world: World) -> str:
    await world.put(a_role(VICE))
    await world.submit(level="classroom", administrators=[mail(PRINCIPAL)], actor=mail(PRINCIPAL))
    await world.drain()
    no = await refused(
        world, "decide-a-request", VICE, request=1, verdict="approve", reason="It fits.", revision=1
    )
    await world.decide(1, CO)
    (decision,) = await world.rows("decision")
    return said(no, f"decided by person {decision['decided_by_id']}: {decision['verdict']}")

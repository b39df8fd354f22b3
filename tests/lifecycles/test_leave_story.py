"""Leave: asked of whoever may decide, granted for a time, renewed, ended by itself, and its register."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from schemas.errors import AlreadyDone, BadInput, NotAllowed, NotNow, StewardError
from schemas.people import Absence, Person
from schemas.words import PersonKind
from tasks.leave.lifecycle import LIFECYCLE
from tasks.leave.listing import list_leaves
from tasks.people.forgetting import forget
from tasks.store import lookup
from tests.commands.act_cases import TEXTING, acted
from tests.support.stages import leaves
from tests.support.world import CO, DEPUTY, OTHER_PRINCIPAL, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

(STAGE,) = LIFECYCLE.stages
GRANT = {"verdict": "grant", "reason": "It is one journey."}


async def states(world: World) -> list[str]:
    return [row["state"] for row in await world.rows("leave")]


async def letters(world: World, *kinds: str) -> list[tuple[str, int]]:
    return [one for one in await world.told() if one[0] in kinds]


async def test_a_leave_is_granted_for_a_time_renewed_and_ends_by_itself(world: World) -> None:
    await acted(world, "ask-for-leave", TEACHER, **TEXTING)
    assert await letters(world, "leave_wanted") == [("leave_wanted", PRINCIPAL)]
    await world.bring_on(STAGE)
    for other in (TEACHER, OTHER_PRINCIPAL, CO):
        with pytest.raises(NotAllowed, match="Only the school administrator or a deputy"):
            await acted(world, "decide-a-leave", other, leave=1, **GRANT)
    with pytest.raises(BadInput, match="from 2026-10-20 through 2026-11-06"):
        await acted(world, "decide-a-leave", PRINCIPAL, leave=1, until="2026-11-07", **GRANT)
    await acted(world, "decide-a-leave", PRINCIPAL, leave=1, until="2026-11-03", **GRANT)
    assert await world.asked() == []
    with pytest.raises(NotNow, match="already"):
        await acted(world, "decide-a-leave", PRINCIPAL, leave=1, **GRANT)
    world.later(days=6)
    await world.bring_on(STAGE)
    assert await letters(world, "leave_ends_soon") == []
    world.later(days=1)  # half of fifteen days before the last one
    await world.bring_on(STAGE)
    assert await letters(world, "leave_ends_soon") == [("leave_ends_soon", TEACHER)]
    await acted(world, "renew-a-leave", TEACHER, leave=1, ends_on="2026-11-20", reason="It is longer.")
    with pytest.raises(AlreadyDone, match="leave 2 waits"):
        await acted(world, "renew-a-leave", TEACHER, leave=1, ends_on="2026-11-20", reason="It is longer.")
    await acted(world, "decide-a-leave", PRINCIPAL, leave=2, **GRANT)
    world.later(days=8)
    await world.bring_on(STAGE)
    assert await states(world) == ["ended", "granted"]
    assert await letters(world, "leave_ended") == []  # it goes on
    world.later(days=30)
    await world.bring_on(STAGE)
    assert await states(world) == ["ended", "ended"]
    assert await letters(world, "leave_ended") == [("leave_ended", TEACHER)]
    async with world.store.read() as session:
        register = await list_leaves(session, school="Sample School 1", control="texting")
    assert [(one.leave, one.renews, str(one.ends_on)) for one in register.rows] == [
        (2, 1, "2026-11-20"),
        (1, None, "2026-11-03"),
    ]
    assert register.rows[0].circumstances == "It is longer."


async def test_the_supervisor_decides_and_follows_who_it_is_today(world: World) -> None:
    """Named, away, gone, and under the person: each time whoever is asked may decide, and nobody else."""
    who = {"person": mail(TEACHER), "supervisor": mail(VICE), "reason": "So it is."}
    await acted(world, "name-a-supervisor", PRINCIPAL, **who)
    with pytest.raises(NotAllowed, match="somebody else names your supervisor"):
        await acted(world, "name-a-supervisor", CO, person=mail(CO), supervisor=mail(VICE), reason="Mine.")
    with pytest.raises(BadInput, match="stand under this person"):
        await acted(world, "name-a-supervisor", CO, person=mail(VICE), supervisor=mail(TEACHER), reason="No.")
    today = world.now.date()
    await world.put(
        Absence(person_id=VICE, deputy_id=DEPUTY, starts_on=today, ends_on=today + timedelta(days=1))
    )
    await acted(world, "ask-for-leave", TEACHER, **TEXTING)
    assert await world.asked() == [("decide on the leave", VICE)]
    with pytest.raises(NotAllowed, match="Only the direct supervisor"):
        await acted(world, "decide-a-leave", PRINCIPAL, leave=1, **GRANT)
    await leaves(world, VICE)
    await world.bring_on(STAGE)
    assert await letters(world, "leave_wanted") == [("leave_wanted", PRINCIPAL), ("leave_wanted", VICE)]
    await leaves(world, VICE, back=True)
    await world.bring_on(STAGE)
    assert await world.asked() == [("decide on the leave", VICE)]
    await acted(world, "decide-a-leave", DEPUTY, leave=1, **GRANT)
    (row,) = await world.rows("leave")
    assert (row["decided_by_id"], row["deputy_for_id"]) == (DEPUTY, VICE)
    # the supervisor's own, asked of whoever runs the school; the teacher stands under them
    await acted(world, "ask-for-leave", VICE, **TEXTING)
    assert ("leave_wanted", PRINCIPAL) in await world.told()
    await acted(world, "name-a-supervisor", CO, person=mail(TEACHER), reason="The team has no head now.")
    with pytest.raises(AlreadyDone):
        await acted(world, "name-a-supervisor", CO, person=mail(TEACHER), reason="Again.")


async def test_nobody_decides_their_own(world: World) -> None:
    await acted(world, "ask-for-leave", PRINCIPAL, **TEXTING)
    with pytest.raises(NotAllowed, match="never the person"):
        await acted(world, "decide-a-leave", PRINCIPAL, leave=1, **GRANT)
    await acted(world, "decide-a-leave", SUPER, leave=1, verdict="refuse", reason="Call them.")
    logos = {"leave": "logos-and-addresses", "purpose": "My page as a coach.", "ends_on": "2027-06-30"}
    await acted(world, "ask-for-leave", CO, **logos)
    await acted(world, "decide-a-leave", SUPER, leave=2, **GRANT)
    with pytest.raises(NotAllowed):
        await acted(world, "revoke-a-leave", CO, leave=2, reason="Mine.")
    await acted(world, "revoke-a-leave", SUPER, leave=2, reason="The page names a product.")
    assert await letters(world, "leave_revoked") == [("leave_revoked", CO)]
    with pytest.raises(NotNow, match="Nobody is here who could decide"):
        await acted(world, "ask-for-leave", SUPER, **TEXTING)
    assert await states(world) == ["refused", "revoked"]


async def test_what_is_withdrawn_or_whose_person_left_waits_for_nobody(world: World) -> None:
    await acted(world, "ask-for-leave", TEACHER, **TEXTING)
    await acted(world, "withdraw-a-leave", TEACHER, leave=1)
    assert await letters(world, "leave_withdrawn") == [("leave_withdrawn", PRINCIPAL)]
    await acted(world, "ask-for-leave", TEACHER, **TEXTING)
    await acted(world, "decide-a-leave", PRINCIPAL, leave=2, **GRANT)
    await acted(world, "withdraw-a-leave", TEACHER, leave=2)
    await acted(world, "ask-for-leave", TEACHER, **{**TEXTING, "leave": "direct-messages"})
    await acted(world, "decide-a-leave", PRINCIPAL, leave=3, **GRANT)
    with pytest.raises(NotAllowed, match="Only whose leave it is"):
        await acted(world, "withdraw-a-leave", VICE, leave=3)
    await leaves(world, TEACHER)
    await world.bring_on(STAGE)
    assert await states(world) == ["withdrawn", "withdrawn", "ended"]
    assert await world.asked() == []
    async with world.store.write() as session:
        person = await lookup.person(session, mail(TEACHER), must_be_active=False)
        await forget(session, person, world.now, reason="They asked for it.")
    assert {row["purpose"] + row["circumstances"] for row in await world.rows("leave")} == {""}


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"circumstances": "A trip."}, BadInput, "extraordinary circumstances"),
        ({"ends_on": "2026-10-19"}, BadInput, "before it starts"),
        ({"starts_on": "2026-10-19"}, BadInput, "has passed"),
        ({"ends_on": "2026-11-19"}, BadInput, "30 days at most: from 2026-10-20 through 2026-11-18"),
        ({"leave": "smoking"}, BadInput, "texting, direct-messages, logos-and-addresses"),
        ({"leave": "direct-messages"}, NotAllowed, "Only staff ask for such leave"),
    ],
)
async def test_what_cannot_be_asked_for(
    one_world: World, changes: dict[str, Any], error: type[StewardError], says: str
) -> None:
    async with one_world.store.write() as session:
        volunteer = update(Person).where(col(Person.id) == DEPUTY).values(kind=PersonKind.VOLUNTEER)
        await session.run(volunteer)
    who = DEPUTY if error is NotAllowed else TEACHER
    with pytest.raises(error, match=says):
        await acted(one_world, "ask-for-leave", who, **{**TEXTING, **changes})
    assert await one_world.rows("leave") == []

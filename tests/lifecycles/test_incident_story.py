"""A report: heard, decided, appealed once, and what follows, with its letters and its way back."""

import pytest

from schemas.errors import BadInput, NotAllowed, NotNow
from schemas.states import AccountState
from schemas.words import IncidentVerdict
from tasks.incidents.lifecycle import LIFECYCLE
from tasks.incidents.listing import list_incidents
from tests.commands.act_cases import BROKEN, acted, heard_out, reported
from tests.support.stages import live
from tests.support.world import CO, DEPUTY, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

(STAGE,) = LIFECYCLE.stages
WHY = "Nobody had asked the families."


async def letters(world: World) -> list[tuple[str, int]]:
    named = ("report", "appeal", "heard")
    return [one for one in await world.told() if any(word in one[0] for word in named)]


async def state(world: World, number: int = 1) -> str:
    return str({row["id"]: row["state"] for row in await world.rows("incident")}[number])


@pytest.mark.parametrize("verdict", IncidentVerdict)
async def test_what_follows_comes_with_its_letters_and_goes_back(
    world: World, verdict: IncidentVerdict
) -> None:
    """Each sanction through the hearing, the appeal to the Superintendent, and back."""
    await heard_out(world)
    await acted(world, "decide-on-a-report", CO, incident=1, verdict=verdict, reason=WHY)
    told = [kind for kind, person in await world.told() if person == TEACHER]
    (access,) = [row for row in await world.rows("access") if row["person_id"] == TEACHER]
    (account,) = await world.rows("account")
    assert ("access_ends" in told, access["ends_on"] is not None) == (2 * (verdict == "take the access",))
    assert ("account_suspended" in told) == (verdict == "suspend the account")
    assert ("account_closes" in told, account["closes_on"] is not None) == (
        2 * (verdict == "close the account",)
    )
    assert "report_decided" in told
    assert access["state"] == "granted"  # nobody loses access without a last day
    with pytest.raises(NotAllowed):
        await acted(world, "appeal-a-decision", VICE, incident=1, reason=WHY)
    await acted(world, "appeal-a-decision", TEACHER, incident=1, reason=WHY)
    for no in (CO, DEPUTY, TEACHER):
        with pytest.raises(NotAllowed, match="Only the Superintendent or a deputy"):
            await acted(world, "decide-an-appeal", no, incident=1, verdict="overturn", reason=WHY)
    await acted(world, "decide-an-appeal", SUPER, incident=1, verdict="overturn", reason=WHY)
    assert await state(world) == "closed"
    assert await world.account(1) is AccountState.LIVE
    (access,) = [row for row in await world.rows("access") if row["person_id"] == TEACHER]
    (account,) = await world.rows("account")
    assert (access["ends_on"], account["closes_on"]) == (None, None)
    with pytest.raises(NotNow):
        await acted(world, "decide-an-appeal", CO, incident=1, verdict="uphold", reason=WHY)


async def test_whom_it_is_about_reads_everything_but_who_reported_it(world: World) -> None:
    await reported(world)
    assert ("report_to_take_on", CO) in await letters(world)
    assert not [one for one in await letters(world) if one[1] in {TEACHER, DEPUTY}]
    with pytest.raises(NotAllowed):
        await acted(world, "answer-a-report", TEACHER, incident=1, answer=WHY)  # not taken on yet
    await acted(world, "take-a-report-on", CO, incident=1)
    with pytest.raises(NotNow):
        await acted(world, "decide-on-a-report", CO, incident=1, verdict="warn", reason=WHY)
    world.later(days=7)
    await world.bring_on(STAGE)
    assert await state(world) == "being heard"
    world.later(days=1)  # five school days are over
    await world.bring_on(STAGE)
    assert await state(world) == "to be decided"
    await acted(world, "decide-on-a-report", CO, incident=1, verdict="warn", reason=WHY)
    await acted(world, "note-an-outside-sanction", CO, incident=1, note="A warning of a commissioner.")
    for letter in await world.rows("notice"):
        if letter["person_id"] == TEACHER and letter["subject_kind"] == "incident":
            assert "reported_by" not in str(letter["facts"])
    assert ("report_looked_at", DEPUTY) in await letters(world)
    world.later(days=30)
    await world.bring_on(STAGE)
    assert await state(world) == "closed"
    with pytest.raises(NotNow):
        await acted(world, "appeal-a-decision", TEACHER, incident=1, reason=WHY)
    (row,) = await world.rows("incident")
    assert row["outside"].endswith("A warning of a commissioner.")
    async with world.store.read() as session:
        (listed,) = (await list_incidents(session, state="closed", account=1)).rows
    assert (listed.verdict, listed.outside, listed.person) == ("warn", True, TEACHER)
    assert "reported_by" not in vars(listed)


async def test_who_is_concerned_never_decides_and_the_last_one_stays(world: World) -> None:
    await live(world)
    await acted(world, "report-what-was-broken", CO, **{**BROKEN, "account": 1})  # Communications reports
    assert ("report_to_take_on", SUPER) in await letters(world)
    with pytest.raises(NotAllowed, match="Only the Superintendent"):
        await acted(world, "take-a-report-on", CO, incident=1)
    await acted(world, "dismiss-a-report", SUPER, incident=1, reason="They had agreed.")
    assert ("report_looked_at", CO) in await letters(world)
    nameless = {"rule": "9", "tells": "Nobody looks at the comments.", "account": 1}
    await acted(world, "report-what-was-broken", VICE, **nameless)
    with pytest.raises(BadInput, match="names nobody"):
        await acted(world, "take-a-report-on", CO, incident=2)
    with pytest.raises(BadInput, match="can't hear yourself"):
        await acted(world, "take-a-report-on", CO, incident=2, person=mail(CO))
    await acted(world, "take-a-report-on", CO, incident=2, person=mail(PRINCIPAL))
    await acted(world, "answer-a-report", PRINCIPAL, incident=2, answer=WHY)
    await acted(world, "remove-an-administrator", CO, account=1, person=mail(TEACHER), reason=WHY)
    with pytest.raises(NotNow, match="Nobody else has access"):
        await acted(world, "decide-on-a-report", CO, incident=2, verdict="take the access", reason=WHY)
    assert await state(world, 2) == "to be decided"
    for given in ({"rule": "AP 170", "tells": WHY}, {**BROKEN, "rule": "AP 1"}):
        with pytest.raises(BadInput):
            await acted(world, "report-what-was-broken", VICE, **given)

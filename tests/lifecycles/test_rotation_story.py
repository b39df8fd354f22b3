"""A shared password from being due to being confirmed, on both databases (11)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from policy.calendar import Calendar
from policy.rules import RULES
from schemas.errors import AlreadyDone, BadInput, NotAllowed, NotNow, StewardError, Unknown
from schemas.evidence import RotationConfirmation
from schemas.people import Person
from schemas.states import AccountState
from schemas.words import Via
from tasks.credentials.rotate import confirm_rotation, record_rotation
from tasks.findings.evaluation import hold
from tests.lifecycles.stories import CO, OTHER_PRINCIPAL, PRINCIPAL, TEACHER, World, mail
from tests.lifecycles.test_stories import prepared

ENTRY = "vault/Lakeside Instagram"


async def live(world: World) -> None:
    await prepared(world)
    await world.report(1, TEACHER)
    await world.look(1)
    await world.drain()
    assert await world.account(1) is AccountState.LIVE
    await world.asked()
    await world.told()


async def rotate(world: World, by: int = TEACHER, evidence: str = ENTRY, **more: object) -> None:
    given = {"by": mail(by), "evidence": evidence, "via": Via.COMMAND, "now": world.now, **more}
    await record_rotation(world.store, world.policy, 1, **given)  # type: ignore[arg-type]


async def confirm(world: World, by: int) -> None:
    await confirm_rotation(world.store, world.policy, 1, by=mail(by), via=Via.COMMAND, now=world.now)


async def open_items(world: World, kind: str) -> list[tuple[int, date]]:
    rows = await world.rows("action_item")
    return sorted((r["person_id"], r["due_on"]) for r in rows if r["kind"] == kind and r["state"] == "open")


async def leaves(world: World, person: int) -> None:
    async with world.store.write() as session:
        await (await session.connection()).execute(
            update(Person).where(Person.id == person).values(active=False)  # type: ignore[arg-type]
        )


async def findings(world: World) -> int:
    today = Calendar(world.policy).today(world.now)
    async with world.store.write() as session:
        return (await hold(session, RULES["11"], world.policy, today, world.now)).violated


async def test_due_asked_changed_announced_confirmed(world: World) -> None:
    await live(world)
    knows = {row["person_id"]: row["knows_secret_since"] for row in await world.rows("access")}
    assert set(knows) == {PRINCIPAL, TEACHER}
    assert None not in knows.values()
    due = Calendar(world.policy).today(world.now) + timedelta(days=365)
    world.now += timedelta(days=334)
    await world.drain()
    assert await open_items(world, "change the password") == []
    world.now += timedelta(days=1)
    await world.drain()
    assert await open_items(world, "change the password") == [(PRINCIPAL, due), (TEACHER, due)]
    await rotate(world)
    assert await open_items(world, "change the password") == []
    assert [person for person, _ in await open_items(world, "confirm the new password")] == [CO, PRINCIPAL]
    told = [row["person_id"] for row in await world.rows("notice") if row["kind"] == "rotated"]
    assert sorted(told) == [CO, PRINCIPAL]
    await confirm(world, PRINCIPAL)
    await confirm(world, CO)
    assert await open_items(world, "confirm the new password") == []
    assert len(await world.rows(str(RotationConfirmation.__tablename__))) == 2
    with pytest.raises(AlreadyDone):
        await confirm(world, CO)
    await world.drain()
    assert await open_items(world, "change the password") == []


async def test_who_leaves_makes_it_due_and_a_change_without_them_ends_it(world: World) -> None:
    await live(world)
    world.now += timedelta(days=10)
    await leaves(world, TEACHER)
    await world.drain()
    due = Calendar(world.policy).today(world.now) + timedelta(days=7)
    assert await open_items(world, "change the password") == [(PRINCIPAL, due)]
    assert await findings(world) == 1
    world.now += timedelta(days=2)
    await rotate(world, PRINCIPAL)
    day = Calendar(world.policy).today(world.now)
    until = {row["person_id"]: row["knows_secret_until"] for row in await world.rows("access")}
    assert until == {TEACHER: day, PRINCIPAL: None}
    assert await findings(world) == 0
    await world.drain()
    assert await open_items(world, "change the password") == []


@pytest.mark.parametrize("secret", ["", "password: hunter2", "xK9!vLp27#q"])
async def test_no_secret_is_taken_as_evidence_or_reason(world: World, secret: str) -> None:
    await live(world)
    before = await world.everything()
    with pytest.raises(BadInput):
        await rotate(world, evidence=secret)
    if secret:
        with pytest.raises(BadInput):
            await rotate(world, reason=secret)
    assert await world.everything() == before


async def test_what_is_refused_leaves_every_table_as_it_was(world: World) -> None:
    await live(world)
    before = await world.everything()
    tomorrow = Calendar(world.policy).today(world.now) + timedelta(days=1)
    tries: list[tuple[dict[str, object], type[StewardError]]] = [
        ({"on": tomorrow}, BadInput),
        ({"by": OTHER_PRINCIPAL}, NotAllowed),
        ({"by": 99}, Unknown),
    ]
    for changes, error in tries:
        with pytest.raises(error):
            await rotate(world, **changes)  # type: ignore[arg-type]
        assert await world.everything() == before
    for person, refusal in ((TEACHER, NotNow), (OTHER_PRINCIPAL, NotAllowed)):
        with pytest.raises(refusal):
            await confirm(world, person)
        assert await world.everything() == before
    await rotate(world)
    before = await world.everything()
    with pytest.raises(AlreadyDone):
        await rotate(world)
    with pytest.raises(AlreadyDone):
        await confirm(world, TEACHER)
    assert await world.everything() == before

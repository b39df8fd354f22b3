"""A principal names somebody for a school account: access begins only after Communications' decision (5)."""

from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from schemas.columns import table_of
from schemas.errors import AlreadyDone, NotAllowed, NotNow
from schemas.machinery import ActionItem
from schemas.words import ItemKind, ItemState, SubjectKind
from tests.commands.act_cases import acted
from tests.factories.division import a_completion, a_receipt, an_acceptance
from tests.support.stages import leaves, live
from tests.support.world import CO, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

WHO: dict[str, Any] = {"account": 1, "person": mail(VICE)}
WHY = "They know the page."


async def proposed(world: World) -> None:
    """Both administrators of the account leave; the principal's office is asked, and names somebody."""
    await live(world)
    await world.put(a_completion(VICE, world.now.date()), a_receipt(VICE), an_acceptance(1, VICE))
    await leaves(world, TEACHER)
    async with world.store.write() as session:
        session.add(
            ActionItem(
                kind=ItemKind.NAME_SUCCESSOR,
                role="school administrator",
                role_school_id=1,
                key="account:1/successor",
                control="school-administrators",
                subject_kind=SubjectKind.ACCOUNT,
                subject_id=1,
                state=ItemState.OPEN,
                opened_at=world.now,
                due_on=world.now.date(),
            )
        )
    await acted(world, "add-an-administrator", PRINCIPAL, **WHO)
    await world.drain()


async def state(world: World) -> str:
    (row,) = [row for row in await world.rows("access") if row["person_id"] == VICE]
    return str(row["state"])


async def asked(world: World) -> list[tuple[str | None, str]]:
    rows = [row for row in await world.rows("action_item") if row["kind"] == ItemKind.DECIDE_REQUEST]
    return [(row["role"], row["state"]) for row in rows if row["subject_kind"] == "access"]


async def told(world: World, kind: str) -> list[int]:
    return sorted(person for what, person in await world.told() if what == kind)


async def test_approved_the_access_begins(world: World) -> None:
    await proposed(world)
    assert await state(world) == "waiting", "every gate is met, and nobody has decided"
    assert await asked(world) == [("communications officer", "open")]
    assert await told(world, "administrator_to_decide") == [CO]
    await world.drain()
    assert await asked(world) == [("communications officer", "open")], "once"
    with pytest.raises(AlreadyDone, match="decide-administrator"):
        await acted(world, "add-an-administrator", CO, **WHO)
    for no in (PRINCIPAL, VICE, SUPER):
        with pytest.raises(NotAllowed):
            await acted(world, "decide-on-an-administrator", no, verdict="approve", reason=WHY, **WHO)
    await acted(world, "decide-on-an-administrator", CO, verdict="approve", reason=WHY, **WHO)
    await world.drain()
    assert await state(world) == "granted"
    assert await asked(world) == [("communications officer", "done")]
    with pytest.raises(NotNow):
        await acted(world, "decide-on-an-administrator", CO, verdict="decline", reason=WHY, **WHO)


async def test_declined_there_is_no_access_and_another_may_be_named(world: World) -> None:
    await proposed(world)
    before = len(await told(world, "account_changed"))
    await acted(world, "decide-on-an-administrator", CO, verdict="decline", reason=WHY, **WHO)
    await world.drain()
    assert await state(world) == "revoked"
    letters = [row for row in await world.rows("notice") if row["kind"] == "account_changed"][before:]
    assert PRINCIPAL in {row["person_id"] for row in letters}
    assert VICE not in {row["person_id"] for row in letters}, "nothing was theirs yet"
    await acted(world, "add-an-administrator", CO, **WHO)
    await world.drain()
    assert await state(world) == "granted", "who approves names, and that is the decision"


async def test_late_the_next_office_decides(world: World) -> None:
    await proposed(world)
    async with world.store.write(audited=False) as session:
        about = (col(ActionItem.subject_kind) == "access") & (col(ActionItem.kind) == "decide the request")
        await session.run(update(table_of(ActionItem)).where(about).values(climbed_to="superintendent"))
    await acted(world, "decide-on-an-administrator", SUPER, verdict="approve", reason=WHY, **WHO)
    await world.drain()
    assert await state(world) == "granted"

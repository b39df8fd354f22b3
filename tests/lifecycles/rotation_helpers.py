"""The steps of a password's change, and the nights between them."""

from datetime import UTC, date, datetime, time

from policy.calendar import Calendar
from schemas.forms import read
from schemas.words import Via
from tasks.credentials import lifecycle as credential_rotation
from tasks.credentials.rotate import ConfirmationForm, RotationForm, confirm_rotation, record_rotation
from tasks.findings.evaluation import evaluate
from tasks.items import lifecycle as action_items
from tests.support.rules import RULES
from tests.support.world import TEACHER, World, mail

ENTRY = "vault/Lakeside Instagram"


async def rotate(world: World, by: int = TEACHER, evidence: str = ENTRY, **more: object) -> None:
    form = read(RotationForm, {"actor": mail(by), "account": 1, "evidence": evidence, **more})
    await record_rotation(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def confirm(world: World, by: int) -> None:
    form = ConfirmationForm(actor=mail(by), account=1)
    await confirm_rotation(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def open_items(world: World, kind: str) -> list[tuple[int, date]]:
    rows = await world.rows("action_item")
    return sorted((r["person_id"], r["due_on"]) for r in rows if r["kind"] == kind and r["state"] == "open")


async def findings(world: World) -> int:
    today = Calendar(world.policy).today(world.now)
    async with world.store.write() as session:
        both = (RULES["password-change"], RULES["administrator-list-review"])
        return sum([(await evaluate(session, one, world.policy, today, world.now)).violated for one in both])


async def night(world: World, day: date) -> None:
    """02:00 of a day: who must be asked is asked, then what is open is followed up. Twice changes nothing."""
    world.now = datetime.combine(day, time(8), UTC)
    for lifecycle in (credential_rotation, action_items):
        for case in await lifecycle.due(world.runtime, world.now):
            await lifecycle.move(world.runtime, case, world.now)
        assert await lifecycle.due(world.runtime, world.now) == ()

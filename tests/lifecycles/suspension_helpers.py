"""Nights, mails and days of an account whose findings lead to a suspension."""

from datetime import date, datetime, timedelta

from sqlalchemy import update

from policy.calendar import Calendar
from schemas.gates import Acceptance
from schemas.machinery import Notice
from schemas.words import PageVerdict
from tasks.findings.evaluation import evaluate
from tasks.suspension import lifecycle as suspension
from tasks.suspension.preview import preview
from tests.support.rules import RULES
from tests.support.stages import live
from tests.support.world import World

AHEAD, WANTED = "suspension_ahead", "reinstatement_wanted"


def day(world: World) -> date:
    return Calendar(world.policy).today(world.now)


async def night(world: World, *, mail_leaves: bool = True) -> list[str]:
    """One night: the rules, then what follows from them; in the morning the mail has left."""
    async with world.store.write() as session:
        for control in ("guidelines", "personal-responsibility", "notice-on-page"):
            await evaluate(session, RULES[control], world.policy, day(world), world.now)
    said: list[str] = []
    for case in await suspension.due(world.runtime, world.now):
        said += await suspension.move(world.runtime, case, world.now)
    if mail_leaves:
        await leaves(world, world.now)
    return said


async def leaves(world: World, at: datetime) -> None:
    """A mail server has taken everything."""
    async with world.store.write() as session:
        await session.run(
            update(Notice).where(Notice.sent_at.is_(None)).values(sent_at=at, state="sent")  # type: ignore[union-attr]
        )


async def notice_goes_missing(world: World, verdict: PageVerdict = PageVerdict.MISSING) -> None:
    """The account's page is looked at and lacks the notice (8)."""
    await world.look(1, verdict)


async def past(world: World, of: date) -> None:
    """On to the first school day after that day."""
    calendar = Calendar(world.policy)
    world.on(calendar.due_after(of + timedelta(days=1), school_days=0))


async def told(world: World, kind: str) -> list[int]:
    return sorted(row["person_id"] for row in await world.rows("notice") if row["kind"] == kind)


async def still_asked(world: World) -> list[str]:
    """The keys of the open items about the account or what was found there."""
    rows = await world.rows("action_item")
    return [row["key"] for row in rows if row["state"] == "open" and row["subject_kind"] != "person"]


async def announced(world: World) -> date:
    """The account's page lacks the notice, and people were told until when to mend it."""
    await live(world)
    await notice_goes_missing(world)
    assert await night(world) == ["suspension announced"]
    (ahead,) = await preview(world.store, world.policy, now=world.now)
    assert (ahead.what, ahead.account, ahead.control, ahead.stands) == (
        "account suspended",
        1,
        "notice-on-page",
        "announced",
    )
    return ahead.after


async def suspended(world: World) -> date:
    last = await announced(world)
    await past(world, last)
    assert await night(world) == ["account suspended for 8"]
    return last


async def forgets(world: World, *people: int) -> None:
    """These have not accepted responsibility after all (5.6): as an inventory finds them."""
    async with world.store.write() as session:
        await session.run(
            Acceptance.__table__.delete().where(Acceptance.person_id.in_(people))  # type: ignore[attr-defined]
        )
    world.later(days=40)

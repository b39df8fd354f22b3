"""Rows of the clauses about the public: its questions, what is taken down, what is wrong."""

from tasks.contacts.lifecycle import LIFECYCLE as CONTACTS
from tests.clauses.driving import acted, causes, refused, row, said, told, violated
from tests.support.stages import live
from tests.support.world import CO, OTHER_PRINCIPAL, PRINCIPAL, TEACHER, VICE, World


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


@row("12.3", done="Something misleading is reported, acknowledged by an administrator and put right.")
async def _(world: World) -> str:
    await live(world)
    await acted(world, "report-misleading-information", VICE, account=1, says="School begins at ten.")
    await acted(world, "acknowledge-misleading-information", TEACHER, correction=1)
    done = await acted(
        world, "correct-misleading-information", CO, correction=1, outcome="The post is right."
    )
    (found,) = await world.rows("correction")
    dates = f"reported, acknowledged and corrected on {found['reported_at'].date()}"
    return said(dates, done.says, await told(world, "correction_wanted", "correction_news"))


@row("14.8", done="A teacher shares an attempt; Communications looks, then the principal; a year goes by.")
async def _(world: World) -> str:
    done = await acted(world, "report-a-contact", TEACHER, says="A message on a private account.")
    no = await refused(world, "look-at-a-contact-report", CO, report=1)
    await acted(world, "look-at-a-contact-report", PRINCIPAL, report=1)
    (seen,) = await world.rows("contact_report")
    world.later(days=365)
    (stage,) = CONTACTS.stages
    await world.bring_on(stage)
    left = len(await world.rows("contact_report"))
    return said(
        done.says, no, f"seen by person {seen['seen_by_id']}", f"a year later: {left} reports are kept"
    )

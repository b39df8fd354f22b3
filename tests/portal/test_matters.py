"""A step says what it is about, and its form knows it: nobody looks a number up elsewhere."""

import re
from datetime import date

from schemas.gates import ImportRun, UnmatchedRow
from schemas.machinery import ActionItem
from schemas.words import ItemKind, SubjectKind
from tasks.guidance import lifecycle as guidance
from tests.clauses.driving import acted
from tests.portal.browser import Portal, hidden
from tests.support.stages import live, too_much
from tests.support.world import CO, TEACHER, VICE

ASKS, SAYS = "When does school begin after the break?", "It says that school begins at ten."
LINK = re.compile(r'href="(/acts/[^"]+)"')


async def step_of(portal: Portal, kind: ItemKind, office: int) -> tuple[str, list[str]]:
    """The page of the first step of this kind, as its person or its office sees it, and where it leads."""
    row = next(row for row in await portal.world.rows("action_item") if row["kind"] == kind)
    async with portal.as_person(row["person_id"] or office) as browser:
        text = (await browser.get(f"/steps/{row['id']}")).text
    return text, [one.replace("&amp;", "&") for one in LINK.findall(text)]


async def test_a_question_of_the_public_stands_on_its_step(portal: Portal) -> None:
    await live(portal.world)
    for asks in ("Is the gym open?", ASKS):
        await acted(portal.world, "log-an-enquiry", VICE, account=1, asks=asks)
    rows = await portal.world.rows("action_item")
    item = next(row["id"] for row in rows if row["key"] == f"enquiry:2/answer/person:{TEACHER}")
    async with portal.as_person(TEACHER) as browser:
        text = (await browser.get(f"/steps/{item}")).text
        assert ASKS in text
        assert "Is the gym open?" not in text
        link = next(one for one in LINK.findall(text) if "answer-an-enquiry" in one)
        form = (await browser.get(link.replace("&amp;", "&"))).text
        assert re.search(r'<input[^>]*name="enquiry"[^>]*value="2"', form)
        assert re.findall(r'type="radio" name="how" value="([^"]+)"', form) == ["in public", "directly"]


async def test_what_is_misleading_stands_on_its_step(portal: Portal) -> None:
    await live(portal.world)
    await acted(portal.world, "report-misleading-information", VICE, account=1, says=SAYS)
    text, leads = await step_of(portal, ItemKind.CORRECT, CO)
    assert SAYS in text
    assert all("correction=1" in one for one in leads)


async def test_advice_is_read_where_it_is_answered(portal: Portal) -> None:
    world = portal.world
    for case in await guidance.due(world.runtime, world.now):
        await guidance.move(world.runtime, case, world.now)
    receipt = (await world.rows("advice_receipt"))[0]
    text, _ = await step_of(portal, ItemKind.READ_ADVICE, CO)
    advice = world.policy.text(receipt["text"])
    points = advice.points[0].text if advice.points else str(advice.text)
    assert points[:40].replace("'", "&#39;") in text
    assert "Put right what is found" not in text


async def test_what_the_brake_holds_is_said_without_a_course_to_take(portal: Portal) -> None:
    world = portal.world
    await too_much(world)
    await world.put(
        ActionItem(
            key="brake:1", kind=ItemKind.ANSWER_BRAKE, control="privacy-course", person_id=CO,
            subject_kind=SubjectKind.BRAKE, subject_id=1, opened_at=world.now, due_on=date(2026, 10, 22),
        )
    )  # fmt: skip
    text, leads = await step_of(portal, ItemKind.ANSWER_BRAKE, CO)
    assert "219 of 311 people with access" in text
    assert "Open the course" not in text
    assert all("brake=1" in one for one in leads)


async def test_each_row_that_fits_nobody_has_its_own_button(portal: Portal) -> None:
    world = portal.world
    await world.put(ImportRun(id=1, kind="training", sha256="0" * 64, rows=2, imported_at=world.now))
    await world.put(
        *(
            UnmatchedRow(
                id=row, import_id=1, line=row, course="focus-on-privacy", email=f"row{row}@home.example",
                name=f"Row{row} Person{row}", completed_on=date(2026, 10, 1),
            )
            for row in (1, 2)
        ),
        ActionItem(
            key="unmatched:1", kind=ItemKind.SETTLE_ROW, control="privacy-course", person_id=CO,
            subject_kind=SubjectKind.IMPORT, subject_id=1, opened_at=world.now, due_on=date(2026, 10, 27),
        ),
    )  # fmt: skip
    text, leads = await step_of(portal, ItemKind.SETTLE_ROW, CO)
    assert "Row1 Person1, row1@home.example" in text
    assert [one.split("&")[0] for one in leads if "settle-a-row" in one] == [
        "/acts/settle-a-row?row=1",
        "/acts/settle-a-row?row=2",
    ]
    assert "Open the course" not in text


async def test_a_reason_that_does_not_do_is_asked_for_again(portal: Portal) -> None:
    for handle in ("@lakeside.school", "@lakeside.library"):
        await portal.world.submit(handle=handle)
    await portal.world.drain()
    async with portal.as_person(CO) as browser:
        ticked = ["1/1", "2/1"]
        again = await browser.send_form(
            "/queue/decide", {"verdict": "approve", "reason": "", "requests": ticked}
        )
        assert again.text.count("not possible") == 2
        kept = {**hidden(again.text), "requests": re.findall(r'name="requests" value="([^"]+)"', again.text)}
        assert kept["requests"] == ticked
        shown = await browser.send_form("/queue/decide", {**kept, "reason": "Both have a clear purpose."})
        assert "Decide 2 requests" in shown.text

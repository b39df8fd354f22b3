"""The queue: done from the list itself, several at once after a look; and whom a form offers to choose."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from deployments.sample.words import RoleKind
from portal import queue
from schemas.brakes import Brake
from schemas.columns import table_of
from schemas.inventory import UnapprovedPage
from schemas.machinery import ActionItem, Notice
from schemas.words import BrakeOf, ItemKind, SubjectKind, Via
from tests.clauses.driving import acted
from tests.factories.division import a_person, a_role
from tests.portal.asked import noted
from tests.portal.browser import Portal, hidden
from tests.support.stages import live
from tests.support.world import CO, DEPUTY, OTHER_PRINCIPAL, PRINCIPAL, SUPER, TEACHER, mail

TICK = re.compile(r'name="requests" value="(\d+/\d+)"')
NOON = datetime(2026, 9, 1, 18, tzinfo=UTC)
BOTH = {"verdict": "approve", "reason": "Both fit."}


@pytest.fixture
async def waiting(portal: Portal) -> Portal:
    """Two requests wait for Communications."""
    for handle in ("@lakeside.school", "@lakeside.library"):
        await portal.world.submit(handle=handle, purpose=f"News of {handle} for its families.")
    await portal.world.drain()
    return portal


async def test_a_decision_is_made_without_leaving_the_page(waiting: Portal) -> None:
    async with waiting.as_person(CO) as browser:
        page = await browser.get("/queue?kind=decide+the+request")
        opens = re.findall(r'href="(/queue\?[^"]*open=\d+)"', page.text)
        assert len(opens) == 2
        shown = await browser.get(opens[0].replace("&amp;", "&"))
        assert "News of @lakeside.school for its families." in shown.text
        form = shown.text.split('action="/decide/1"')[1].split("</form>")[0]
        done = await browser.send_form(
            "/decide/1", {**hidden(form), "verdict": "approve", "reason": "It fits."}
        )
        assert done.headers["location"] == "/queue?kind=decide+the+request&done=1"
        after = await browser.get(done.headers["location"])
        assert "It is recorded" in after.text
        assert "/decide/1" not in after.text
    await waiting.world.drain()
    items = await waiting.world.rows("action_item")
    other = next(row["id"] for row in items if row["person_id"] == TEACHER)
    async with waiting.as_person(CO) as browser:
        assert 'id="opened"' not in (await browser.get(f"/queue?open={other}")).text
        assert (await browser.get("/queue?open=9999999999999")).status_code == 200


async def test_several_are_decided_at_once_after_a_look(waiting: Portal) -> None:
    async with waiting.as_person(CO) as browser, waiting.as_person(TEACHER) as teacher:
        ticked = TICK.findall((await browser.get("/queue")).text)
        assert ticked == ["1/1", "2/1"]
        assert (await teacher.send_form("/queue/decide", {**BOTH, "requests": ticked})).status_code == 403
        assert (await browser.send_form("/queue/decide", BOTH)).status_code == 400
        shown = await browser.send_form("/queue/decide", {**BOTH, "requests": [*ticked, "2/7", "x/1"]})
        assert "“approved”" in shown.text.replace("&#34;", "")
        assert shown.text.count("not possible") == 2
        assert all(
            f"<strong>{one} on Instagram</strong>" in shown.text
            for one in ("@lakeside.school", "@lakeside.library")
        )
        assert await waiting.world.rows("decision") == []
        typed = {**hidden(shown.text), "confirmed": "1", "requests": TICK.findall(shown.text)}
        for _ in range(2):  # sent twice, recorded once
            done = await browser.send_form("/queue/decide", typed)
            assert done.text.count(">decided<") == 2
    decided = [(row["request_id"], row["verdict"]) for row in await waiting.world.rows("decision")]
    assert decided == [(1, "approve"), (2, "approve")]


async def test_choosing_a_school_keeps_what_was_begun_for_several(waiting: Portal) -> None:
    async with waiting.as_person(CO) as browser:
        ticked = TICK.findall((await browser.get("/queue")).text)
        begun = {"requests": ticked[:1], "verdict": "decline", "reason": "Begun.", "narrow": "1"}
        at = "/queue/decide?whose=all"
        plain = await browser.send_form(at, {"school": "Sample School 1", "narrow": "1"})
        assert plain.headers["location"] == "/queue?whose=all&school=Sample+School+1"
        for school, status in (("Sample School 1", 200), ("Nowhere", 404)):
            page = await browser.send_form(at, {**begun, "school": school})
            assert page.status_code == status
            assert f'value="{ticked[0]}" checked' in page.text
            assert f'value="{ticked[1]}">' in page.text
            assert 'value="decline" required checked' in page.text
            assert ">Begun.</textarea>" in page.text
            assert f'name="school" value="{school}"' in page.text
        opens = await browser.get("/queue?open=1")
        assert ">Your decision<" in opens.text
        assert TICK.findall(opens.text) == []  # one form at a time: another language keeps all of it
    assert await waiting.world.rows("decision") == []


async def test_of_two_for_one_handle_the_page_says_so_and_one_alone_is_approved(portal: Portal) -> None:
    world = portal.world
    for handle in ("@lakeside.school", "@lakeside.schooI"):
        await world.submit(handle=handle)
    await world.drain()
    async with portal.as_person(CO) as browser:
        for path, other in (("/decide/1", 2), ("/decide/2", 1), ("/queue?open=1", 2)):
            page = (await browser.get(path)).text
            assert f'<a href="/requests/{other}">request {other}</a>' in page
            assert 'value="approve"' in page
        shown = await browser.send_form("/queue/decide", {**BOTH, "requests": ["1/1", "2/1"]})
        assert "Request 1 above is for the same handle" in shown.text
        assert TICK.findall(shown.text) == ["1/1"]
        await world.decide(1, CO)
        for path in ("/decide/2", "/queue?open=2"):
            page = (await browser.get(path)).text
            assert "It can&#39;t be approved as it stands" in page.replace("can't", "can&#39;t")
            assert 'value="approve"' not in page
            assert 'value="send back"' in page
        refused = await browser.send_form("/decide/2", {**BOTH, "revision": "1"})
        assert (refused.status_code, "Choose another handle" in refused.text) == (400, True)
    assert len(await world.rows("decision")) == 1


async def test_a_letter_that_could_not_leave_is_called_as_people_call_it(portal: Portal) -> None:
    world = portal.world
    await world.submit()
    await world.drain()
    async with world.store.write(audited=False) as session:
        notice = table_of(Notice)
        parked = update(notice).values(state="parked", last_error="smtp 550")
        await session.run(parked)
    async with portal.as_person(CO) as browser:
        page = (await browser.get("/queue")).text
        assert re.search(r"<strong>Decide by \w+ \d+ \w+ \d+: @lakeside.school on Instagram</strong>", page)
        assert "their mail server refuses the address (550)" in page
        async with world.store.write(audited=False) as session:
            await session.run(update(notice).values(facts={}, last_error="other"))
        page = (await browser.get("/queue", headers={"Accept-Language": "fr"})).text
        assert "Un courriel qui ne peut pas être écrit" in page
        assert "decision" not in page.partition("release-notices")[2].partition("</ul>")[0]


async def test_who_was_named_is_not_taken_for_the_request_of_that_number(portal: Portal) -> None:
    """To decide on somebody who was named is about an access: there may be a request of its number."""
    world = portal.world
    for handle in ("@lakeside.school", "@lakeside.library"):
        await world.submit(handle=handle)
    await world.drain()
    async with world.store.write(audited=False) as session:
        item = table_of(ActionItem)
        about = {"subject_kind": SubjectKind.ACCESS, "subject_id": 1}
        await session.run(update(item).where(item.c.subject_id == 1).values(**about))
    async with portal.as_person(CO) as browser:
        assert TICK.findall((await browser.get("/queue")).text) == []
        assert "/decide/1" not in (await browser.get("/queue?open=1")).text


async def test_a_form_offers_those_whom_one_sees_anyway(portal: Portal) -> None:
    await live(portal.world)
    await portal.world.put(a_person(20, school=1, kind="student"), a_person(21, school=2))
    for person, path, seen, unseen in (
        (CO, "/acts/give-an-office", (mail(OTHER_PRINCIPAL), mail(21)), (mail(20),)),
        (
            TEACHER,
            "/acts/ask-for-an-account",
            (mail(PRINCIPAL),),
            (mail(OTHER_PRINCIPAL), mail(20)),
        ),
        (TEACHER, "/acts/ask-for-an-account?level=school", ("Sample School 2",), ()),
        (OTHER_PRINCIPAL, "/acts/ask-for-an-account", (mail(21),), (mail(TEACHER),)),
        (PRINCIPAL, "/acts/close-an-account", ('<option value="1">@lakeside.school',), ()),
        (OTHER_PRINCIPAL, "/acts/close-an-account", (), ("@lakeside.school on",)),
        (CO, f"/acts/note-an-absence?person={CO}", (f'value="{mail(CO)}"',), ()),
    ):
        async with portal.as_person(person) as browser:
            paged = path == "/acts/ask-for-an-account"
            page = (await browser.send_form(path, {"to": "5"}) if paged else await browser.get(path)).text
        for word in seen:
            assert word in page, (person, path, word)
        for word in unseen:
            assert word not in page, (person, path, word)


async def test_a_filter_that_nothing_has_is_no_defect_of_ours(portal: Portal) -> None:
    async with portal.as_person(CO) as browser:
        assert (await browser.get("/queue", params={"kind": "rubbish"})).status_code == 400
        assert (await browser.send_form("/sessions", {"session": "9" * 5_000})).status_code == 400
        assert (await browser.get("/queue")).status_code == 200


async def test_a_stop_is_confirmed_by_the_other_office_from_its_page(portal: Portal) -> None:
    world = portal.world
    await live(world)
    await acted(world, "stop-accounts", CO, accounts=(1,), reason="A stranger posts there.")
    async with portal.as_person(SUPER) as browser, portal.as_person(TEACHER) as teacher:
        assert (await teacher.get("/stops")).status_code == 403
        page = await browser.get("/stops")
        assert "A stranger posts there." in page.text
        link = re.search(r'href="(/acts/confirm-a-stop[^"]*)"', page.text)
        assert link is not None
        own = await browser.get("/")
        step = re.search(
            r'href="(/steps/\d+)">Confirm that @lakeside.school on Instagram is stopped', own.text
        )
        assert step, own.text
        buttons = re.findall(
            r'class="button[^"]*" href="([^"?]+)\?[^"]*">', (await browser.get(step[1])).text
        )
        assert buttons == ["/acts/confirm-a-stop", "/acts/reinstate-an-account"]
        form = await browser.get(link[1].replace("&amp;", "&"))
        assert re.search(r'value="1" checked', form.text)
        done = await browser.send_form(
            "/acts/confirm-a-stop", {**hidden(form.text), "accounts": "1", "confirmed": "1"}
        )
        assert done.headers["location"].endswith("back=%2Fstops"), done.text
        after = await browser.get("/stops")
        assert ">confirmed<" in after.text


async def test_confirm_all_is_offered_for_what_one_may_confirm(portal: Portal) -> None:
    """A second holder of an office is not offered what that office stopped."""
    world = portal.world
    await live(world)
    await world.put(a_role(DEPUTY, RoleKind.COMMUNICATIONS_OFFICER, school=None))
    await acted(world, "stop-accounts", CO, accounts=(1,), reason="A stranger posts there.")
    async with portal.as_person(DEPUTY) as colleague, portal.as_person(SUPER) as other:
        page = (await colleague.get("/stops")).text
        assert "/acts/confirm-a-stop" not in page
        assert "Your own office stopped it, the Communications Officer" in page
        assert "/acts/confirm-a-stop" in (await other.get("/stops")).text


async def test_a_row_about_no_account_says_what_is_to_be_decided(portal: Portal) -> None:
    world, today = portal.world, portal.world.now.date()
    address = "https://fans.example/lakeside"
    await world.put(
        UnapprovedPage(id=3, address=address, reported_at=world.now, recorded_via=Via.PORTAL, due_on=today)
    )
    await world.put(
        Brake(
            cause="x",
            of=BrakeOf.ASK_COURSE,
            control="privacy-course",
            found=30,
            out_of=40,
            asked_at=world.now,
        )
    )
    about = {
        ItemKind.SETTLE_PAGE: (SubjectKind.PAGE, 3),
        ItemKind.ANSWER_BRAKE: (SubjectKind.BRAKE, 1),
        ItemKind.CONFIRM_LIST: (SubjectKind.SCHOOL, 1),
        ItemKind.MEND_MAILBOX: (SubjectKind.PERSON, TEACHER),
        ItemKind.DECIDE_REPORT: (SubjectKind.INCIDENT, 4),
    }
    for kind, (subject_kind, number) in about.items():
        await world.put(
            ActionItem(
                key=f"{kind}",
                kind=kind,
                person_id=CO,
                subject_kind=subject_kind,
                subject_id=number,
                control="privacy-course",
                due_on=today,
                opened_at=world.now,
            )
        )  # fmt: past
    async with portal.as_person(CO) as browser:
        page = (await browser.get("/queue")).text
        await browser.send_form("/language", {"language": "fr", "back": "/"})
        french = (await browser.get("/queue")).text
    for says in (
        f"Say whether page 3 ({address}) is asked for now, is shut, or is not ours",
        "Hold what waits or let it happen: 30 of 40 would be",
        "Go through the accounts of ",
        "See that mail reaches ",
        "Say whether report 4 is taken on, and what follows from it",
    ):
        assert f"<small>{says}" in page
    assert f"<small>Dire si la page 3 ({address}) fait maintenant" in french
    assert "<small>Dire si le signalement 4 est retenu" in french


def _lists(count: int, person: int = CO) -> list[ActionItem]:
    """So many steps of a person, each later than the one before."""
    return [
        ActionItem(
            key=f"list {number}",
            kind=ItemKind.CONFIRM_LIST,
            control="record-of-accounts",
            person_id=person,
            subject_kind=SubjectKind.SCHOOL,
            subject_id=1 + number % 2,
            opened_at=NOON,
            due_on=date(2026, 9, 1) + timedelta(days=number),
        )
        for number in range(count)
    ]


async def test_a_long_list_has_pages(portal: Portal) -> None:
    """All of it was read for each look, and what came after the first hundred was seen by nobody."""
    await portal.world.put(*_lists(65))
    items = [row["id"] for row in await portal.world.rows("action_item")]
    async with portal.as_person(CO) as browser:
        for all_of_it in ("", "whose=all&"):
            for past, first, last, others in (
                ("0", 0, 30, ["30"]),
                ("30", 30, 60, ["0", "60"]),
                ("60", 60, 65, ["30"]),
                ("95", 60, 65, ["30"]),  # the others were done meanwhile
                ("31", 30, 60, ["0", "60"]),
                ("x", 0, 30, ["30"]),
            ):
                page = (await browser.get(f"/queue?{all_of_it}past={past}")).text
                assert [int(one) for one in re.findall(r'id="item-(\d+)"', page)] == items[first:last]
                linked = re.findall(r'rel="(?:prev|next)" href="/queue\?([^"]*)past=(\d+)"', page)
                assert linked == [(all_of_it.replace("&", "&amp;"), one) for one in others]
                assert f"{first + 1} to {last} of 65." in page
        page = (await browser.get("/queue?past=30")).text
        assert f"/queue?past=30&amp;open={items[30]}" in page.replace("&open", "&amp;open")
        opened = (await browser.get(f"/queue?past=30&open={items[30]}")).text
        assert '<a href="/queue?past=30">Close</a>' in opened


async def test_where_many_wait_their_number_is_some_seconds_old(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counting 27,000 took longer than all else on the page."""
    world = portal.world
    await world.put(*_lists(2, SUPER))

    async def said() -> str:
        async with portal.as_person(CO) as browser:
            page = (await browser.get("/queue")).text
        return str(re.findall(r"For everybody \((\d+)\)", page)[0])

    assert await said() == "2"
    await world.put(*_lists(4, SUPER)[2:])
    assert await said() == "4"  # few are counted each time
    monkeypatch.setattr(queue, "_MANY", 3)
    assert await said() == "4"
    await world.put(*_lists(5, SUPER)[4:])
    assert await said() == "4"
    world.now += timedelta(seconds=10)
    assert await said() == "5"


async def test_what_an_office_is_asked_is_found_by_an_index(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where hardly anything is asked of an office, SQLite took its index for no help and read every item."""
    store = portal.world.store  # on SQLite, as all of these
    await portal.world.put(*_lists(400, TEACHER))
    await store.count_anew()
    async with portal.as_person(CO) as browser:
        with noted(portal, monkeypatch) as (asked, _):
            await browser.get("/queue")
    (wanted,) = [one for one in asked if "UNION ALL" in one and "FROM action_item" in one]
    async with store.read() as session:
        connection = await session.connection()
        given = ("open", CO, "open", "[]", "open", "[]", "[]")
        plan = [row.detail for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {wanted}", given)]
    assert len([one for one in plan if "USING INDEX" in one]) == 3
    assert "SCAN action_item" not in plan

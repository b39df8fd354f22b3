"""One's own pages: the check-in, the steps, the acts, and what is somebody else's."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event

from deployments.sample.words import RoleKind
from policy.controls.identify_owner import IdentifyOwner
from portal.asking import MADE_FOR
from schemas.accounts import Account
from schemas.machinery import ActionItem
from schemas.people import Absence
from schemas.words import CustodyMode, ItemKind, PageVerdict, Via
from tasks.acts.table import ACTS
from tasks.findings.evaluation import evaluate
from tasks.suspension import asking
from tests.portal.browser import HOME, Portal, hidden
from tests.support.rules import the_notice
from tests.support.stages import approved, awaiting, live, prepared, sent_back_by_communications
from tests.support.world import CO, DEPUTY, OTHER_PRINCIPAL, PRINCIPAL, TEACHER, VICE


async def test_a_teacher_checks_everything_in_with_one_press(portal: Portal) -> None:
    await live(portal.world)
    async with portal.as_person(TEACHER) as browser:
        first = await browser.get("/")
        assert "I looked at @lakeside.school on Instagram today" in first.text
        typed = {"everything": "yes", "key": hidden(first.text)["key"]}
        for _ in range(2):  # the same form again records nothing
            done = await browser.send_form("/check-in", typed)
            assert done.status_code == 303
        assert "have been looked at today" in (await browser.get("/")).text
    rows = await portal.world.rows("check_in")
    assert [(row["person_id"], row["recorded_via"]) for row in rows] == [(TEACHER, Via.PORTAL)]
    entry = (await portal.world.rows("audit_entry"))[-1]
    assert entry["body"]["session"] == 1
    assert portal.relayed == 2


async def test_one_s_own_page_reads_by_one_s_own_numbers(portal: Portal) -> None:
    """With 100,000 accounts in the store it read each of them, nine tenths of its time."""
    await live(portal.world)
    asked: list[tuple[str, Any]] = []
    engine = portal.world.store._engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *its: asked.append((its[2], its[3])))
    async with portal.as_person(TEACHER) as browser:
        assert "@lakeside.school" in (await browser.get("/")).text
    async with portal.world.store.read() as session:
        connection = await session.connection()
        plans = [
            str(row)
            for statement, given in [one for one in asked if one[0].startswith("SELECT")]
            for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
        ]
    assert [one for one in plans if "ix_access_person" in one]
    assert not [one for one in plans if re.search(r"SCAN (account|access|finding|person)\b", one)], plans


async def test_a_step_says_why_and_is_done_with_its_button_once(portal: Portal) -> None:
    await approved(portal.world)
    items = {
        row["kind"]: row["id"]
        for row in await portal.world.rows("action_item")
        if row["person_id"] == TEACHER
    }
    step = f"/steps/{items['accept responsibility']}"
    async with portal.as_person(TEACHER) as browser, portal.as_person(OTHER_PRINCIPAL) as stranger:
        assert step in (await browser.get("/")).text
        page = await browser.get(step)
        assert "AP 151, clause" in page.text
        done = await browser.send_form(step, {**hidden(page.text), "act": "accept-responsibility"})
        assert done.status_code == 303
        assert (await stranger.get(step)).status_code == 404
        accepted = [row["person_id"] for row in await portal.world.rows("acceptance")]
        assert accepted.count(TEACHER) == 1
        await portal.world.drain()
        assert "Nothing is left to do here" in (await browser.get(step)).text


async def test_whoever_reads_of_somebody_else_s_step_in_a_letter_can_open_it(portal: Portal) -> None:
    """It has climbed to their office, or they deputize; until then it is nobody else's."""
    world = portal.world
    await approved(world)
    steps = {row["kind"]: row["id"] for row in await world.rows("action_item") if row["person_id"] == TEACHER}
    page = f"/steps/{steps['accept responsibility']}"
    async with portal.as_person(PRINCIPAL) as browser, portal.as_person(OTHER_PRINCIPAL) as stranger:
        assert (await browser.get(page)).status_code == 404
        async with world.store.write() as session:
            item = await session.get_one(ActionItem, steps["accept responsibility"])
            item.climbed_to = RoleKind.SCHOOL_ADMINISTRATOR
        shown = await browser.get(page)
        assert "This is asked of " in shown.text
        assert "I accept responsibility" not in shown.text  # nobody accepts for another
        assert (await stranger.get(page)).status_code == 404


@pytest.mark.parametrize("verdict", [PageVerdict.MISSING, PageVerdict.UNREACHABLE])
async def test_whoever_puts_up_the_notice_sees_it_and_has_no_button_of_others(
    portal: Portal, verdict: PageVerdict
) -> None:
    """The step's only button led its addressee to an act that refused them; the notice stood nowhere."""
    world = portal.world
    await prepared(world)
    creates = [one for one in await world.rows("action_item") if one["kind"] == ItemKind.CREATE_ACCOUNT]
    closing = the_notice(world.policy).statements[-1].text.split()[:6]
    async with portal.as_person(TEACHER) as browser:
        step = await browser.get(f"/steps/{creates[0]['id']}")
        assert " ".join(closing) in " ".join(unescape(step.text).split())
    await world.report(1, TEACHER)
    await world.look(1, verdict)
    await world.drain()
    items = [one for one in await world.rows("action_item") if one["kind"] == ItemKind.MEND_NOTICE]
    mine = next(one["id"] for one in items if one["person_id"] == TEACHER)
    async with portal.as_person(TEACHER) as browser:
        step = await browser.get(f"/steps/{mine}")
    assert " ".join(closing) in " ".join(unescape(step.text).split())
    assert "without signing in" in step.text
    assert "/acts/attest-a-notice" not in step.text
    looked = [one["id"] for one in items if one["person_id"] is None]
    assert len(looked) == (verdict is PageVerdict.UNREACHABLE)
    for item in looked:
        async with portal.as_person(CO) as browser:
            step = await browser.get(f"/steps/{item}")
        assert "Open its page and answer" in step.text
        assert "/acts/attest-a-notice?account=1" in step.text


@pytest.mark.parametrize("level", ["school", "classroom"])
async def test_what_the_profile_must_show_is_asked_with_the_notice(portal: Portal, level: str) -> None:
    """It was found the day after it went live, at a page that everybody had just looked at."""
    world, asked = portal.world, level == "classroom"
    await prepared(world, level)
    (creates,) = [one for one in await world.rows("action_item") if one["kind"] == ItemKind.CREATE_ACCOUNT]
    async with portal.as_person(TEACHER) as browser:
        page = (await browser.get(f"/steps/{creates['id']}")).text
    assert ("Put your name and your position on its profile." in page) is asked
    await world.report(1, TEACHER)
    await world.look(1, PageVerdict.UNREACHABLE)
    await world.drain()
    items = [one for one in await world.rows("action_item") if one["kind"] == ItemKind.MEND_NOTICE]
    looks, says = (PRINCIPAL, CO)[not asked], "whose name and position you see"
    for item in items:
        async with portal.as_person(item["person_id"] or looks) as browser:
            page = (await browser.get(f"/steps/{item['id']}")).text
        assert (says in page) is (asked and item["person_id"] is None)
        puts = "Put your name and your position on its profile." in page
        assert puts is (asked and item["person_id"] is not None)


async def test_a_finding_that_nobody_is_asked_for_says_when_somebody_is(portal: Portal) -> None:
    """On a Saturday it had a day, and nobody a step for it."""
    world = portal.world
    await prepared(world, "classroom")
    await world.report(1, TEACHER)
    await world.look(1)
    await world.drain()
    world.on(date(2026, 10, 24))  # a Saturday
    says = "Whoever can mend it is asked on the next school day."
    for saturday in (True, False):
        if not saturday:
            world.on(date(2026, 10, 26))
        async with world.store.write() as session:
            rule, today = world.policy.the(IdentifyOwner), world.policy.calendar.today(world.now)
            await evaluate(session, rule, world.policy, today, world.now)
        for case in await asking.FINDINGS.due(world.runtime, world.now):
            await asking.FINDINGS.move(world.runtime, case, world.now)
        async with portal.as_person(PRINCIPAL) as browser:
            page = (await browser.get("/accounts/1")).text
        assert "Nobody has looked for name and position on its profile." in page
        assert (says in page) is saturday


async def test_a_deputy_opens_the_step_of_the_person_who_is_away(portal: Portal) -> None:
    world = portal.world
    await sent_back_by_communications(world)
    (step,) = [row["id"] for row in await world.rows("action_item") if row["kind"] == ItemKind.MEND_REQUEST]
    today = world.now.date()
    async with portal.as_person(VICE) as browser:
        assert (await browser.get(f"/steps/{step}")).status_code == 404
        await world.put(Absence(person_id=TEACHER, deputy_id=VICE, starts_on=today, ends_on=today))
        assert "who is away" in (await browser.get(f"/steps/{step}")).text


async def test_every_act_has_a_page_that_takes_no_path_of_this_machine(portal: Portal) -> None:
    async with portal.as_person(CO) as browser:
        listed = (await browser.get("/acts")).text
        for name, entry in ACTS.items():
            page = await browser.get(f"/acts/{name}")
            if page.status_code == 303:
                assert page.headers["location"] == "/contacts", name
                continue
            assert page.status_code == 200 or f'/acts/{name}"' not in listed, name
            assert page.status_code == 200 or entry.takes_file or name.startswith("export-")
            assert 'name="picture"' not in page.text


async def test_nothing_is_recorded_before_its_consequences_were_shown(portal: Portal) -> None:
    await live(portal.world)
    async with portal.as_person(CO) as browser:
        act = "/acts/suspend-an-account"
        page = await browser.get(f"{act}?account=1&back=/accounts/1")
        before = await portal.world.everything()
        shown = await browser.send_form(
            act, {**hidden(page.text), "account": "1", "reason": "It is <b>wrong</b>."}
        )
        assert "from “live” to “suspended”" in shown.text
        assert "&lt;b&gt;wrong" in shown.text
        now = await portal.world.everything()
        assert {**now, "kept_page": []} == before
        assert "wrong" not in repr(now["kept_page"])
        done = await browser.send_form(act, {**hidden(shown.text), "confirmed": "1"})
        assert done.headers["location"].startswith("/done?act=suspend-an-account")
        told = await browser.get(done.headers["location"])
        assert "It is recorded in your name." not in told.text  # the receipt says more
        assert "@lakeside.school on Instagram" in shown.text
    assert await portal.world.account(1) == "suspended"


async def test_a_refusal_says_who_may_and_gives_back_what_was_typed(portal: Portal) -> None:
    await live(portal.world)
    async with portal.as_person(OTHER_PRINCIPAL) as browser:
        typed = {"account": "1", "reason": "I would rather not see it.", "key": "k"}
        refused = await browser.send_form("/acts/suspend-an-account", typed)
        assert refused.status_code == 403
        assert "Only " in refused.text
        assert "I would rather not see it." in refused.text


async def test_other_people_s_numbers_show_nothing(portal: Portal) -> None:
    await approved(portal.world)
    async with portal.as_person(OTHER_PRINCIPAL) as stranger, portal.as_person(PRINCIPAL) as theirs:
        for path in ("/accounts/1", "/requests/1", "/decide/1"):
            assert (await theirs.get(path)).status_code == 200, path
            none = f"{path[:-1]}99"
            elsewhere, nowhere = await stranger.get(path), await stranger.get(none)
            assert (elsewhere.status_code, elsewhere.text) == (404, nowhere.text.replace(none, path)), path


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://elsewhere.example.org"},
        {"Origin": HOME.replace("http:", "https:")},
        {"Origin": "null"},
        {},
    ],
)
async def test_a_post_from_elsewhere_does_nothing(portal: Portal, headers: dict[str, str]) -> None:
    async with portal.as_person(TEACHER) as browser:
        sent = {"everything": "yes", MADE_FOR: browser.mark}
        answer = await browser.post("/check-in", data=sent, headers=headers)
        assert (answer.status_code, "not come from a page of ours" in answer.text) == (403, True)
        assert await portal.world.rows("check_in") == []
        ours = await browser.post("/check-in", data=sent, headers={"Origin": HOME})
    assert "not come from a page of ours" not in ours.text


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example.org", "//evil.example.org", "/\\evil.example.org", "/\r\nSet-Cookie: a=b"],
)
async def test_nobody_is_sent_to_another_site(portal: Portal, elsewhere: str) -> None:
    async with portal.as_person(TEACHER) as browser:
        page = await browser.get("/acts/acknowledge-advice", params={"back": elsewhere})
        signing = await browser.get("/sign-in", params={"next": elsewhere})
    assert "evil" not in page.text + signing.text
    assert "Set-Cookie" not in page.text + signing.text


async def test_private_pages_are_kept_nowhere_and_run_nothing(portal: Portal) -> None:
    async with portal.as_person(TEACHER) as browser:
        for path in ("/", "/acts", "/sessions", "/steps/99", "/nowhere"):
            answer = await browser.get(path)
            assert answer.headers["cache-control"] == "no-store"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert "<script" not in answer.text
            assert "style=" not in answer.text


async def test_a_host_that_is_none_of_ours_is_refused(portal: Portal) -> None:
    async with portal.browser(headers={"Host": "evil.example.org"}) as browser:
        assert (await browser.get("/sign-in")).status_code == 400


async def test_a_deputy_decides_for_who_is_away_and_the_page_says_so(portal: Portal) -> None:
    world = portal.world
    await awaiting(world)
    today = world.now.date()
    for away, deputy in ((CO, VICE), (VICE, DEPUTY)):  # the deputy is away as well
        await world.put(Absence(person_id=away, deputy_id=deputy, starts_on=today, ends_on=today))
    async with portal.as_person(DEPUTY) as browser, portal.as_person(OTHER_PRINCIPAL) as stranger:
        first = await browser.get("/")
        assert "who is away" in first.text
        assert "/steps/" not in (await stranger.get("/")).text
        page = await browser.get("/decide/1")
        assert "who is away" in page.text
        typed = {**hidden(page.text), "verdict": "approve", "reason": "It fits."}
        assert (await browser.send_form("/decide/1", typed)).status_code == 303
        late = await browser.send_form("/decide/1", {**typed, "key": "another"})
        assert late.status_code == 409
    (absent,) = [row for row in await world.rows("person") if row["id"] == CO]
    async with portal.as_person(TEACHER) as browser:
        name = f"{absent['given_name']} {absent['family_name']}"
        assert f"for {name}, who was away" in (await browser.get("/requests/1")).text
    decision = (await world.rows("decision"))[0]
    assert (decision["decided_by_id"], decision["deputy_for_id"]) == (DEPUTY, CO)


async def test_who_decides_and_is_away_reads_so_on_their_own_page(portal: Portal) -> None:
    today = portal.world.now.date()
    ahead = today + timedelta(days=9)
    await portal.world.put(Absence(person_id=PRINCIPAL, deputy_id=VICE, starts_on=today, ends_on=today))
    await portal.world.put(Absence(person_id=OTHER_PRINCIPAL, deputy_id=VICE, starts_on=ahead, ends_on=ahead))
    says = "You are away through"
    async with portal.as_person(PRINCIPAL) as browser:
        page = (await browser.get("/")).text
        assert says in page
        assert 'href="/away">Change it' in page
    async with portal.as_person(OTHER_PRINCIPAL) as browser:
        assert says not in (await browser.get("/")).text, "it is still ahead"


@pytest.mark.parametrize("custody", CustodyMode)
async def test_a_password_is_offered_only_where_one_is_shared(portal: Portal, custody: CustodyMode) -> None:
    await live(portal.world)
    async with portal.world.store.write() as session:
        (await session.get_one(Account, 1)).custody = custody
    async with portal.as_person(PRINCIPAL) as browser:
        page = (await browser.get("/accounts/1")).text
    assert "/acts/rename-an-account?" in page
    assert ("/acts/review-administrators?" in page) != (custody is CustodyMode.SHARED_PASSWORD)
    for act in ("record-a-new-password", "confirm-a-new-password"):
        assert (f"/acts/{act}?" in page) == (custody is CustodyMode.SHARED_PASSWORD), act

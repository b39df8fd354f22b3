"""No press more than is needed: lists lead to where it is done, and buttons say where they lead."""

from html import unescape

import pytest

from schemas.accounts import Account
from schemas.people import Absence
from schemas.words import CustodyMode
from tests.commands.act_cases import acted
from tests.portal.browser import Portal, hidden
from tests.support.stages import approved, awaiting, live, prepared
from tests.support.world import CO, PRINCIPAL, TEACHER, a_request, mail

ASK = "/acts/ask-for-an-account"


async def test_a_list_of_steps_leads_to_the_page_on_which_a_step_is_done(portal: Portal) -> None:
    """A page in between had one button, that led there."""
    await awaiting(portal.world)
    async with portal.as_person(CO) as browser:
        page = (await browser.get("/")).text
        assert '<a href="/decide/1">' in page
        assert '<a href="/steps/' not in page
    await portal.world.decide(1, CO, "send back")
    async with portal.as_person(TEACHER) as browser:
        assert '<a href="/requests/1">' in (await browser.get("/")).text


async def test_what_has_something_to_read_first_stays_a_step(portal: Portal) -> None:
    await approved(portal.world)
    async with portal.as_person(TEACHER) as browser:
        assert '<a href="/steps/' in (await browser.get("/")).text


async def test_whoever_decided_reads_that_it_is_recorded_and_what_follows(portal: Portal) -> None:
    await awaiting(portal.world)
    async with portal.as_person(CO) as browser, portal.as_person(TEACHER) as other:
        page = (await browser.get("/decide/1")).text
        typed = {**hidden(page), "verdict": "approve", "reason": "It fits."}
        done = await browser.send_form("/decide/1", typed)
        to = done.headers["location"]
        assert "Recorded. Thank you." in (await browser.get(to)).text
        await portal.world.drain()
        shown = (await browser.get(to)).text
        assert "Until it is live" in shown
        assert "Recorded. Thank you." not in (await other.get(to)).text, "the address alone says nothing"
        assert "Recorded. Thank you." not in (await browser.get("/requests/1")).text


async def test_where_nothing_is_to_be_filled_in_what_would_happen_comes_at_once(portal: Portal) -> None:
    world = portal.world
    today = world.now.date()
    await world.put(Absence(person_id=TEACHER, deputy_id=PRINCIPAL, starts_on=today, ends_on=today))
    async with portal.as_person(TEACHER) as browser:
        away = (await browser.get("/away")).text
        link = unescape(away.partition('<a class="button" href="')[2].partition('"')[0])
        assert "end-an-absence" in link
        before = await world.everything()
        shown = (await browser.get(link)).text
        assert "What would happen now" in shown
        assert "Change something" not in shown
        assert await world.everything() == before, "to look changes nothing, and begins nothing"
        done = await browser.send_form("/acts/end-an-absence", {**hidden(shown), "confirmed": "1"})
        told = (await browser.get(done.headers["location"])).text
        assert "To when you are away" in told
        assert "Go on" not in told


@pytest.mark.parametrize("said", [True, False])
async def test_a_report_that_says_whom_it_is_about_is_taken_on_without_a_form(
    portal: Portal, *, said: bool
) -> None:
    await live(portal.world)
    whom = {"person": mail(PRINCIPAL)} if said else {"account": 1}
    rule = portal.world.policy.clauses[0].id
    await acted(portal.world, "report-what-was-broken", TEACHER, rule=rule, tells="It was so.", **whom)
    async with portal.as_person(CO) as browser:
        page = (await browser.get("/incidents/1")).text
        link = page.partition('href="/acts/take-a-report-on')[2].partition('"')[0]
        shown = (await browser.get(unescape(f"/acts/take-a-report-on{link}"))).text
    assert ("What would happen now" in shown) is said
    assert ('name="person"' in shown.partition("<form")[2]) is True


async def test_the_school_that_is_needed_is_asked_for_on_its_page(portal: Portal) -> None:
    """It was optional, and five pages later: “Name the school.”"""
    async with portal.as_person(TEACHER) as browser:
        key = hidden((await browser.get(ASK)).text)
        for level, school, wrong in (
            ("classroom", "", "Name the school."),
            ("division", "Sample School 1", "belongs to no school"),
        ):
            typed = {**key, "page": "1", "level": level, "school": school}
            page = (await browser.send_form(ASK, typed)).text
            assert wrong in page
            assert 'name="page" value="1"' in page
        right = (await browser.send_form(ASK, {**key, "page": "1", "level": "division", "school": ""})).text
        assert 'name="page" value="2"' in right


async def test_what_would_come_back_is_completed_first(portal: Portal) -> None:
    """The big button recorded what would come back."""
    whole = a_request(purpose="").model_dump(mode="json")
    typed = {name: value for name, value in whole.items() if name not in {"actor", "again"}}
    async with portal.as_person(TEACHER) as browser:
        key = hidden((await browser.get(ASK)).text)
        page = (await browser.send_form(ASK, {**key, **typed, "page": "5", "then": "check"})).text
    assert "Without it, it comes back to you." in page
    assert page.index("Complete it") < page.index("Record it as it is")


async def test_a_report_says_at_its_fields_who_must_reach_it_and_what_an_id_is(portal: Portal) -> None:
    await prepared(portal.world, "classroom")
    async with portal.world.store.write() as session:
        (await session.get_one(Account, 1)).custody = CustodyMode.PERSONAL_ADMINISTRATORS
    async with portal.as_person(TEACHER) as browser:
        act = "/acts/report-an-account"
        page = (await browser.get(f"{act}?account=1")).text
        typed = {**hidden(page), "account": "1", "address": "https://www.example.org/4b"}
        shown = unescape((await browser.send_form(act, {**typed, "platform_id": "@grade.4"})).text)
    assert "not the handle: a handle can change" in shown
    assert "(activity-status)" not in shown
    label = portal.world.policy.label("school administrator")
    assert f"make the {label} an administrator of it on its platform" in shown

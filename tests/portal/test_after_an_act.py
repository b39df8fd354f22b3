"""What pages say right after something was done, and to whom what is offered."""

from datetime import timedelta

import pytest

from policy.controls.attested import Attested
from schemas.findings import Finding
from schemas.machinery import ActionItem
from schemas.states import AccountState
from schemas.words import ItemKind, SubjectKind
from tests.commands.act_cases import acted
from tests.factories.division import an_access
from tests.portal.browser import Portal, hidden, was_recorded
from tests.support.stages import awaiting, live
from tests.support.world import CO, DEPUTY, PRINCIPAL, TEACHER


async def test_a_step_that_was_done_is_open_no_more_although_no_run_has_looked(portal: Portal) -> None:
    world = portal.world
    await live(world)
    control, day = world.policy.name_of(Attested), world.now.date()
    late, earlier = day + timedelta(days=5), world.now - timedelta(hours=1)
    await world.put(
        Finding(id=5, control=control, account_id=1, due_on=day, detail="Too old.", opened_at=earlier),
        ActionItem(
            id=77, key="finding:5/mend", kind=ItemKind.MEND_FINDING, control=control, person_id=TEACHER,
            subject_kind=SubjectKind.FINDING, subject_id=5, opened_at=earlier, due_on=late,
        ),
    )  # fmt: skip
    async with portal.as_person(TEACHER) as browser:
        assert 'href="/steps/77"' in (await browser.get("/")).text
        account = (await browser.get("/accounts/1")).text
        assert account.count(f"{late:%A} {late.day} {late:%B %Y}") == 2  # the step's day is the finding's
        page = (await browser.get("/steps/77")).text
        key = hidden(page)["key"]
        done = await browser.send_form(
            "/steps/77", {**hidden(page), "act": "attest-privacy-settings", "account": "1", "privacy": "all"}
        )
        assert done.status_code == 303, done.text
        first = (await browser.get("/")).text
        assert "You recorded it." in first
        assert 'href="/steps/77"' not in first
        page = (await browser.get("/steps/77")).text
        assert "nothing more is needed now" in page
        assert 'name="act"' not in page
        after = (await browser.get(f"/done?act=attest-privacy-settings&back=/steps/77&key={key}")).text
        assert 'href="/steps/77"' not in after
        assert "To your own page" in after
        world.later(hours=25)  # a night went by, and it is open all the same
    async with portal.as_person(TEACHER) as browser:
        assert 'href="/steps/77"' in (await browser.get("/")).text


async def test_a_suspended_account_says_why_by_whom_and_what_brings_it_back(portal: Portal) -> None:
    await live(portal.world)
    await acted(portal.world, "suspend-an-account", CO, account=1, reason="A stranger posts there.")
    async with portal.as_person(TEACHER) as browser:
        page = (await browser.get("/accounts/1")).text
    assert "Why it is suspended" in page
    assert "A stranger posts there." in page
    assert "“Reinstate an account”" in page


@pytest.mark.parametrize(
    ("person", "offered", "others"),
    [
        (TEACHER, "ask-for-an-account", "give-an-office"),
        (PRINCIPAL, "confirm-a-list", "release-notices"),
        (CO, "suspend-an-account", "designate-an-administrator"),
    ],
)
async def test_what_others_alone_may_do_is_not_offered(
    portal: Portal, person: int, offered: str, others: str
) -> None:
    async with portal.as_person(person) as browser:
        page = (await browser.get("/acts")).text
    assert f'href="/acts/{offered}"' in page
    assert f'href="/acts/{others}"' not in page
    assert page.count("<details") == page.count("<h2") > 3, "a phone shows the subjects, and not every act"
    assert " open><summary>" not in page


async def test_an_old_tab_reads_who_was_first_before_anything_else(portal: Portal) -> None:
    await awaiting(portal.world)
    async with portal.as_person(TEACHER) as browser:
        old = hidden((await browser.get("/decide/1")).text)
        await portal.world.decide(1, CO, "decline")
        answer = await browser.send_form("/decide/1", {**old, "verdict": "approve", "reason": ""})
    assert answer.status_code == 409
    assert "decided it before you: decline." in answer.text


async def test_the_office_that_keeps_the_policy_finds_every_school_and_account(portal: Portal) -> None:
    await live(portal.world)
    async with portal.as_person(CO) as browser, portal.as_person(TEACHER) as teacher:
        assert 'href="/schools"' in (await browser.get("/")).text
        assert 'href="/schools/1"' in (await browser.get("/schools")).text
        assert "@lakeside.school" in (await browser.get("/accounts?q=LAKE")).text
        assert "@lakeside.school" not in (await browser.get("/accounts?q=nothing")).text
        assert (await browser.get("/accounts?state=nowhere")).status_code == 400
        for path in ("/schools", "/accounts"):
            refused = await teacher.get(path)
            assert refused.status_code == 403
            assert "Sign out" in refused.text  # an error keeps the head of every page
            assert 'name="language"' in refused.text


async def test_a_request_is_found_again_from_the_page_that_says_it_is_recorded(portal: Portal) -> None:
    await awaiting(portal.world)
    await was_recorded(portal.world, TEACHER, "ask-for-an-account", "k")
    async with portal.as_person(TEACHER) as browser:
        for nothing in ("act=ask-for-an-account&key=another", "act=close-an-account&key=k"):
            assert (await browser.get(f"/done?{nothing}&kind=request&number=1")).status_code == 404
        page = await browser.get("/done?act=ask-for-an-account&kind=request&number=1&key=k")
        assert 'href="/requests/1"' in page.text
        own = await browser.get("/requests")
    assert 'href="/requests/1"' in own.text
    assert "awaiting decision" in own.text
    async with portal.as_person(CO) as other:
        assert 'href="/requests/1"' not in (await other.get("/requests")).text


async def test_what_would_happen_is_shown_again_where_it_changed_since(portal: Portal) -> None:
    """Whoever confirms has read what they confirm: somebody else would be told, too, by now."""
    await live(portal.world)
    typed = {"account": "1", "reason": "A stranger posts there."}
    async with portal.as_person(CO) as browser:
        shown = await browser.send_form("/acts/suspend-an-account", {**typed, "key": "stranger"})
        await portal.world.put(an_access(1, DEPUTY))
        again = await browser.send_form("/acts/suspend-an-account", {**hidden(shown.text), "confirmed": "1"})
        assert "Not recorded yet" in again.text
        assert await portal.world.account(1) is AccountState.LIVE
        await browser.send_form("/acts/suspend-an-account", {**hidden(again.text), "confirmed": "1"})
        assert await portal.world.account(1) is AccountState.SUSPENDED

"""The pages of offices: who reads them, and what stands there."""

import pytest

from schemas.machinery import ActionItem
from schemas.words import ItemKind, SubjectKind
from tests.portal.browser import Portal
from tests.support.world import CO, DEPUTY, OTHER_PRINCIPAL, PRINCIPAL, SUPER, TEACHER


@pytest.fixture
async def waiting(portal: Portal) -> Portal:
    await portal.world.submit()
    await portal.world.drain()
    return portal


@pytest.mark.parametrize(
    ("person", "page", "status"),
    [
        (CO, "/queue", 200),
        (TEACHER, "/queue", 403),
        (PRINCIPAL, "/queue", 403),
        (CO, "/schools/1", 200),
        (PRINCIPAL, "/schools/1", 200),
        (OTHER_PRINCIPAL, "/schools/1", 404),
        (TEACHER, "/schools/1", 404),
        (TEACHER, "/away", 200),
        (CO, "/requests/1", 200),
        (TEACHER, "/requests/1", 200),
        (OTHER_PRINCIPAL, "/requests/1", 404),
        (DEPUTY, "/requests/1", 404),
        (CO, "/decide/1", 200),
        (CO, "/requests/99", 404),
        (SUPER, "/requests/999999999999999999999", 400),
    ],
)
async def test_a_page_is_for_its_people(waiting: Portal, person: int, page: str, status: int) -> None:
    async with waiting.as_person(person) as browser:
        answer = await browser.get(page)
        assert answer.status_code == status
        if status == 200:
            assert answer.headers["cache-control"] == "no-store"
        if status == 404:
            nowhere = page.rsplit("/", 1)[0] + "/77"
            assert answer.text.replace(page, nowhere) == (await browser.get(nowhere)).text


async def test_the_queue_is_filtered_by_its_address_and_leads_to_the_decision(waiting: Portal) -> None:
    async with waiting.as_person(CO) as browser:
        everything = await browser.get("/queue")
        assert "Decide the request · @lakeside.school" in everything.text
        assert "/decide/1" in everything.text
        assert "/decide/1" not in (await browser.get("/queue?kind=nothing")).text
        assert "/decide/1" not in (await browser.get("/queue?school=Sample+School+2")).text
        assert (await browser.get("/queue?school=Nowhere")).status_code == 404
        own = await browser.get("/")
        assert "/queue" in own.text


async def test_the_queue_begins_with_ones_own_and_shows_everybodys_when_asked(waiting: Portal) -> None:
    """What two hundred others have to read is no work of Communications."""
    await waiting.world.put(
        ActionItem(
            key="advice/person:4",
            kind=ItemKind.READ_ADVICE,
            person_id=TEACHER,
            subject_kind=SubjectKind.PERSON,
            subject_id=TEACHER,
            opened_at=waiting.world.now,
            control="personal-accounts-advice",
            due_on=waiting.world.now.date(),
        )
    )
    async with waiting.as_person(CO) as browser:
        own, everybody = await browser.get("/queue"), await browser.get("/queue?whose=all")
        assert own.text.count("Read the advice") == 1, "only the filter names it"
        assert "For everybody (2)" in own.text
        assert everybody.text.count("Read the advice") > 1
        assert "Decide the request" in everybody.text
        assert "Read the advice" in (await browser.get("/queue?kind=read+the+advice")).text


async def test_somebody_away_is_deputized_until_they_are_here_again(waiting: Portal) -> None:
    async with waiting.as_person(CO) as browser:
        typed = {
            "person": str(CO),
            "starts_on": waiting.world.now.date().isoformat(),
            "ends_on": "2026-10-30",
            "deputy": str(DEPUTY),
            "confirmed": "yes",
            "key": "once",
        }
        assert (await browser.send_form("/acts/note-an-absence", typed)).status_code == 303
        assert "I am here again" in (await browser.get("/away")).text
    async with waiting.as_person(DEPUTY) as deputy:
        page = await deputy.get("/decide/1")
        assert "who is away" in page.text
        verdict = {"verdict": "approve", "reason": "It fits.", "revision": "1", "key": "deputy"}
        done = await deputy.send_form("/decide/1", verdict)
        assert done.headers["location"] == "/requests/1?decided=1"
    entry = next(one for one in await waiting.world.rows("audit_entry") if one["to_state"] == "approved")
    assert (entry["actor_id"], entry["body"]["in_name_of"], entry["via"]) == (DEPUTY, CO, "web page")
    sessions = {row["id"]: row["person_id"] for row in await waiting.world.rows("portal_session")}
    assert sessions[entry["body"]["session"]] == DEPUTY


async def test_who_lost_the_office_a_moment_ago_has_lost_its_pages(waiting: Portal) -> None:
    async with waiting.as_person(CO) as browser:
        assert (await browser.get("/queue")).status_code == 200
        typed = {
            "office": "communications officer",
            "person": str(CO),
            "at_once": "true",
            "reason": "Moved on.",
        }
        async with waiting.as_person(SUPER) as superintendent:
            done = await superintendent.send_form(
                "/acts/end-an-office", {**typed, "confirmed": "yes", "key": "end"}
            )
            assert done.status_code == 303, done.text
        assert (await browser.get("/queue")).status_code == 403

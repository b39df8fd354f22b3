"""What few may see is seen by them alone: to everybody else there is no such page."""

import re

import pytest

from tests.clauses.driving import acted
from tests.portal.browser import Portal
from tests.support.stages import live
from tests.support.world import CO, OTHER_PRINCIPAL, PRINCIPAL, SUPER, TEACHER, VICE, mail

SAYS, TELLS = "A message on a private account.", "Twice in one week, during lessons."
WHY = "It was looked into."


async def a_report(portal: Portal) -> None:
    """Somebody reports a teacher's account."""
    await live(portal.world)
    rule = next(one.id for one in portal.world.policy.clauses if one.asks)
    await acted(
        portal.world, "report-what-was-broken", VICE, rule=rule, tells=TELLS, person=mail(TEACHER), account=1
    )


async def seen(portal: Portal, person: int, path: str) -> tuple[int, str]:
    async with portal.as_person(person) as browser:
        answer = await browser.get(path)
        return answer.status_code, answer.text.replace(browser.mark, "")


async def test_a_contact_report_is_read_by_a_button_that_is_recorded(portal: Portal) -> None:
    await acted(portal.world, "report-a-contact", TEACHER, says=SAYS)
    for person, status in ((TEACHER, 200), (PRINCIPAL, 200), (OTHER_PRINCIPAL, 404), (VICE, 404)):
        code, text = await seen(portal, person, "/contacts/1")
        assert (code, SAYS in text) == (status, False)
        assert ("/contacts/1" in (await seen(portal, person, "/contacts"))[1]) is (status == 200)
    async with portal.as_person(OTHER_PRINCIPAL) as stranger, portal.as_person(PRINCIPAL) as browser:
        assert (await stranger.send_form("/contacts/1")).status_code == 404
        sent = await stranger.get("/acts/look-at-a-contact-report?report=1")
        assert sent.headers["location"] == "/contacts/1"
        read = await browser.send_form("/contacts/1")
        assert SAYS in read.text
        assert read.headers["cache-control"] == "no-store"
        assert SAYS not in (await browser.get("/contacts/1")).text
    assert SAYS not in str(portal.app.state.ground._said)
    rows = await portal.world.rows("contact_report")
    assert [row["seen_by_id"] for row in rows] == [PRINCIPAL]
    looked = [
        row for row in await portal.world.rows("audit_entry") if row["cause"] == "contact report looked at"
    ]
    assert [row["actor_id"] for row in looked] == [PRINCIPAL]


async def test_each_reads_their_part_of_a_report_and_does_what_is_theirs(portal: Portal) -> None:
    await a_report(portal)
    for person, status, does in (
        (CO, 200, {"take-a-report-on", "dismiss-a-report"}),
        (VICE, 200, set()),
        (TEACHER, 404, set()),
        (PRINCIPAL, 404, set()),
    ):
        code, text = await seen(portal, person, "/incidents/1")
        assert (code, set(re.findall(r"/acts/([a-z-]+)\?incident=1", text))) == (status, does)
        assert ('href="/incidents/1"' in (await seen(portal, person, "/incidents"))[1]) is (status == 200)
    await acted(portal.world, "take-a-report-on", CO, incident=1)
    code, text = await seen(portal, TEACHER, "/incidents/1")
    assert TELLS in text
    assert "Given7" not in text  # who made it
    assert "/acts/answer-a-report?incident=1" in text
    await acted(portal.world, "answer-a-report", TEACHER, incident=1, answer="I did not know.")
    await acted(portal.world, "decide-on-a-report", CO, incident=1, verdict="warn", reason=WHY)
    _, reporter = await seen(portal, VICE, "/incidents/1")
    assert TELLS in reporter
    for secret in ("I did not know.", WHY, "warn"):
        assert secret not in reporter.split("<main")[1].split("</main>")[0].replace("tag warn", "")
    _, text = await seen(portal, TEACHER, "/incidents/1")
    assert "/acts/appeal-a-decision?incident=1" in text
    await acted(portal.world, "appeal-a-decision", TEACHER, incident=1, reason=WHY)
    assert "/acts/decide-an-appeal?incident=1" in (await seen(portal, SUPER, "/incidents/1"))[1]


async def test_steps_of_what_few_may_see_lead_there(portal: Portal) -> None:
    await a_report(portal)
    await acted(portal.world, "report-a-contact", TEACHER, says=SAYS)
    items = await portal.world.rows("action_item")
    for kind, person, path in (
        ("decide on the report", CO, "/incidents/1"),
        ("look at a contact report", PRINCIPAL, "/contacts/1"),
    ):
        item = next(row["id"] for row in items if row["kind"] == kind)
        code, text = await seen(portal, person, f"/steps/{item}")
        assert code == 200
        assert f'href="{path}"' in text
        assert SAYS not in text
        assert TELLS not in text


@pytest.mark.parametrize("path", ["/contacts/9", "/incidents/9", "/incidents/999999999999999999"])
async def test_what_is_not_there_is_as_what_one_may_not_see(portal: Portal, path: str) -> None:
    await a_report(portal)
    await acted(portal.world, "report-a-contact", TEACHER, says=SAYS)
    there = f"{path.rsplit('/', 1)[0]}/1"
    _, absent = await seen(portal, OTHER_PRINCIPAL, path)
    _, hidden = await seen(portal, OTHER_PRINCIPAL, there)
    assert absent.replace(path, there) == hidden, "but for the address that was asked for"

"""Who is told, as a page says it before anything is recorded: never a name that who acts may not see."""

import pytest

from schemas.incidents import Incident
from tests.commands.act_cases import heard_out, reported
from tests.portal.browser import Portal, hidden
from tests.support.world import CO, DEPUTY, TEACHER, VICE

WHY = "Nobody had asked the families."


@pytest.mark.parametrize("act", ["decide-on-a-report", "dismiss-a-report"])
@pytest.mark.parametrize("language", ["en", "fr"])
async def test_who_decides_on_a_report_does_not_read_who_made_it(
    portal: Portal, act: str, language: str
) -> None:
    decides = act == "decide-on-a-report"
    await (heard_out if decides else reported)(portal.world)
    names = {
        row["id"]: f"{row['given_name']} {row['family_name']}" for row in await portal.world.rows("person")
    }
    async with portal.as_person(CO) as browser:
        first = await browser.get(f"/acts/{act}?incident=1")
        if language == "fr":
            await browser.send_form("/language", {"language": "fr", "next": "/"})
        typed = {"reason": WHY, "incident": "1", **({"verdict": "warn"} if decides else {})}
        shown = await browser.send_form(f"/acts/{act}", {**hidden(first.text), **typed})
        said = "the person who reported" if language == "en" else "la personne qui a fait le signalement"
        assert said in shown.text
        assert names[DEPUTY] not in shown.text
        done = await browser.send_form(f"/acts/{act}", {**hidden(shown.text), "confirmed": "1"})
        assert done.headers["location"].startswith("/done?"), "it is still what was looked at"
    assert ("report_looked_at", DEPUTY) in await portal.world.told()


@pytest.mark.parametrize("has_access", [True, False])
async def test_only_what_can_be_decided_is_offered(portal: Portal, has_access: bool) -> None:
    await heard_out(portal.world)
    if not has_access:
        async with portal.world.store.write() as session:
            (await session.get_one(Incident, 1)).person_id = VICE
    async with portal.as_person(CO) as browser, portal.as_person(TEACHER) as stranger:
        page = (await browser.get("/acts/decide-on-a-report?incident=1")).text
        others = (await stranger.get("/acts/decide-on-a-report?incident=1")).text
    assert ("take the access" in page) == has_access
    assert "suspend the account" in page
    assert "take the access" in others, "who does not decide learns nothing"

"""What offices read of the whole, and the policy file: looked over, tried, adopted as it was seen."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from schemas.accounts import Account
from schemas.columns import table_of
from schemas.machinery import AuditEntry
from schemas.settings import ROOT
from schemas.states import AccountState
from tests.commands.act_cases import acted
from tests.portal.browser import Browser, Portal, hidden
from tests.support.stages import live
from tests.support.world import CO, PRINCIPAL, SUPER, TEACHER, mail

USED = (ROOT / "policy" / "ap151.toml").read_text(encoding="utf-8")
SHARE = "deactivated_share_at_most = 0.2"


def changed(version: str = "next") -> str:
    """The policy in use, with another version and one other figure."""
    lines = [
        f'version = "{version}"' if line.startswith("version = ") else line for line in USED.splitlines()
    ]
    return "\n".join(lines).replace(SHARE, SHARE.replace("0.2", "0.3"))


async def bring(browser: Browser, text: str) -> Any:
    sent = [("file", ("changed.toml", text.encode(), "application/toml"))]
    return await browser.send_form("/policy", {}, files=sent)


@pytest.mark.parametrize(
    "path", ["/ledger", "/ledger.csv", "/audit", "/audit.csv", "/policy", "/policy/text"]
)
async def test_they_are_read_by_offices_of_the_division_alone(portal: Portal, path: str) -> None:
    for person, status in ((CO, 200), (SUPER, 200), (TEACHER, 403), (PRINCIPAL, 403)):
        async with portal.as_person(person) as browser:
            answer = await browser.get(path)
            assert answer.status_code == status
            assert answer.headers["cache-control"] == "no-store"


async def test_the_ledger_has_every_clause_with_its_figures(portal_behind: Portal) -> None:
    portal = portal_behind
    await live(portal.world)
    async with portal.as_person(CO) as browser:
        page = await browser.get("/ledger")
        table = list(csv.DictReader(io.StringIO((await browser.get("/ledger.csv")).text.lstrip("\ufeff"))))
        portal.world.later(seconds=31)
        async with portal.world.store.write(audited=False) as session:
            account = table_of(Account)
            await session.run(update(account).values(state=AccountState.CLOSED))
        again = list(csv.DictReader(io.StringIO((await browser.get("/ledger.csv")).text.lstrip("\ufeff"))))
        assert {row["of"] for row in again} == {"", "0"}
    asked = [one for one in portal.world.policy.clauses if one.asks is not None]
    assert [row["clause"] for row in table] == [one.id for one in asked]
    assert {row["of"] for row in table} >= {"1"}
    for one in asked:
        assert one.title.split("'")[0].split("&")[0] in page.text


async def test_the_audit_page_is_filtered_by_its_address(portal: Portal) -> None:
    await live(portal.world)
    async with portal.as_person(CO) as browser:
        mine = (await browser.get("/audit", params={"person": mail(PRINCIPAL), "act": "accept"})).text
        nobody = await browser.get("/audit", params={"person": "nobody@example.org", "act": "accept"})
        never = await browser.get("/audit", params={"act": "never", "since": "2026-10-01"})
        table = await browser.get("/audit.csv", params={"person": mail(PRINCIPAL)})
    assert "Given3 Sample3" in mine or "accept" in mine
    assert 'value="accept"' in mine
    assert nobody.status_code == 400
    assert "nobody@example.org" in nobody.text
    assert "0 entries" in never.text
    rows = list(csv.DictReader(io.StringIO(table.text.lstrip("\ufeff"))))
    assert rows
    assert all(str(PRINCIPAL) in {row["by_id"], row["in_name_of_id"], row["subject"]} for row in rows)


async def test_the_audit_page_does_not_say_who_reported_its_reader(portal: Portal) -> None:
    await acted(
        portal.world,
        "report-what-was-broken",
        TEACHER,
        rule="AP 170",
        tells="Of the officer.",
        person=mail(CO),
    )
    async with portal.as_person(CO) as concerned, portal.as_person(SUPER) as other:
        for path in ("/audit", "/audit.csv", f"/audit?person={TEACHER}"):
            assert ("Given4 Sample4" in (await concerned.get(path)).text) is False
        assert "Given4 Sample4" in (await other.get("/audit")).text


async def test_the_chain_is_verified_when_somebody_asks(portal_behind: Portal) -> None:
    portal = portal_behind
    await live(portal.world)
    async with portal.as_person(CO) as browser:
        assert "Whole: " in (await browser.send_form("/audit")).text
        async with portal.world.store.write(audited=False) as session:
            entry = table_of(AuditEntry)
            await session.run(update(entry).where(entry.c.seq == 2).values(cause="nothing happened"))
        assert "Audit entry 2 does not fit" in (await browser.send_form("/audit")).text


async def test_a_policy_is_looked_over_tried_and_adopted(portal: Portal) -> None:
    async with portal.as_person(SUPER) as browser:
        shown = await bring(browser, changed())
        assert shown.status_code == 200, shown.text
        for said in ("0.2 → 0.3", "It can be used", "Adopt it", "1 person is told: "):
            assert said in shown.text
        kept = hidden(shown.text)
        tried = await browser.send_form("/policy", {**kept, "try": "1", "nights": "1"})
        assert "Nobody would be asked for anything else" in tried.text
        assert (await browser.send_form("/policy", {**kept, "try": "1", "nights": "99"})).status_code == 400
        assert await portal.world.rows("policy_adoption") == []
        other = {"sha256": kept["sha256"], "adopt": "1"}
        sent = [("file", ("other.toml", changed("other").encode(), "application/toml"))]
        assert "What it says otherwise" in (await browser.send_form("/policy", other, files=sent)).text
        assert await portal.world.rows("policy_adoption") == []
        portal.world.later(minutes=16)
        asked = await browser.send_form("/policy", {**kept, "adopt": "1"})
        assert (asked.status_code, hidden(asked.text)["sha256"]) == (401, kept["sha256"])
    async with portal.as_person(SUPER) as browser:
        done = await browser.send_form("/policy", {**hidden(asked.text), "adopt": "1"})
        assert done.status_code == 303, done.text
        assert "It is used from now on" in (await browser.get(done.headers["location"])).text
        assert SHARE.replace("0.2", "0.3") in (await browser.get("/policy/text")).text
        again = await browser.send_form("/policy", {**hidden(asked.text), "adopt": "1"})
        assert again.headers.get("location") == done.headers["location"], "the same press once more"
    adopted = await portal.world.rows("policy_adoption")
    assert [row["adopted_by_id"] for row in adopted] == [SUPER]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("this is no policy", "changed.toml"),
        (USED.replace(SHARE, 'deactivated_share_at_most = "many"'), "deactivated_share_at_most"),
        ("\xff\xfe", "changed.toml"),
    ],
)
async def test_a_policy_that_can_t_be_used_says_where(portal: Portal, text: str, said: str) -> None:
    async with portal.as_person(CO) as browser:
        answer = await bring(browser, text)
    assert answer.status_code == 400
    assert said in answer.text
    assert str(portal.settings.data_dir) not in answer.text


async def test_the_ledger_says_how_a_day_ended(portal: Portal) -> None:
    await live(portal.world)
    ended = portal.world.now.date()
    portal.world.later(days=3)
    async with portal.as_person(CO) as browser:
        for day, status, live_then in ((ended, 200, "1"), (ended - timedelta(days=1), 200, "0")):
            page = await browser.get("/ledger", params={"on": day.isoformat()})
            assert (page.status_code, "at its end" in page.text) == (status, True)
            answer = await browser.get("/ledger.csv", params={"on": day.isoformat()})
            table = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
            assert live_then in {row["of"] for row in table}
        for wrong in ("2099-01-01", "yesterday", "9999-12-31"):
            assert (await browser.get("/ledger", params={"on": wrong})).status_code == 400

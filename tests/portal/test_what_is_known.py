"""What a page says of what its reader is concerned by: a decision, a last day, a name instead of a number."""

import re
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from portal.accounts import stretches
from portal.pages import breaks
from portal.saying import who_may
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.people import School
from tasks.accounts.listing import Entry
from tests.clauses.driving import acted
from tests.factories.division import a_school
from tests.portal.browser import Portal
from tests.support.stages import approved, live
from tests.support.world import CO, PRINCIPAL, TEACHER, VICE, mail

WHY = "The class has gone."
BEGAN = datetime(2026, 9, 1, 18, tzinfo=UTC)


async def main_of(portal: Portal, person: int, path: str) -> str:
    """What stands in the middle of a page."""
    async with portal.as_person(person) as browser:
        text = (await browser.get(path)).text
    return text.split("<main")[1].split("</main>")[0]


async def test_whom_a_report_is_about_reads_the_decision_and_the_days_to_appeal(portal: Portal) -> None:
    await live(portal.world)
    rule = next(one.id for one in portal.world.policy.clauses if one.asks)
    await acted(
        portal.world,
        "report-what-was-broken",
        VICE,
        rule=rule,
        tells="So it was.",
        person=mail(TEACHER),
        account=1,
    )
    await acted(portal.world, "take-a-report-on", CO, incident=1)
    await acted(portal.world, "answer-a-report", TEACHER, incident=1, answer="I did not know.")
    assert "is decided" not in await main_of(portal, TEACHER, "/")
    await acted(portal.world, "decide-on-a-report", CO, incident=1, verdict="warn", reason=WHY)
    own = await main_of(portal, TEACHER, "/")
    assert "Report 1, which is about you, is decided: warn." in own
    assert re.search(r"You may appeal through \w+day \d+ \w+ 2026\.", own)
    assert 'href="/incidents/1"' in own
    for other in (PRINCIPAL, VICE):
        assert "is decided" not in await main_of(portal, other, "/")
    await acted(portal.world, "appeal-a-decision", TEACHER, incident=1, reason=WHY)
    assert "Your appeal waits for its decision." in await main_of(portal, TEACHER, "/")


async def test_a_last_day_stands_on_the_card_and_in_the_history_with_its_reason(portal: Portal) -> None:
    await live(portal.world)
    await acted(portal.world, "close-an-account", PRINCIPAL, account=1, reason=WHY)
    (row,) = await portal.world.rows("account")
    said = f"{row['closes_on']:%A} {row['closes_on'].day} {row['closes_on']:%B %Y}"
    assert f"last day {said}" in await main_of(portal, TEACHER, "/")
    history = (await main_of(portal, TEACHER, "/accounts/1")).split("What happened")[-1]
    assert f"It closes after {said}. {WHY}" in history
    portal.world.later(hours=1)
    await acted(portal.world, "keep-an-account", PRINCIPAL, account=1, reason="It stays after all.")
    history = (await main_of(portal, TEACHER, "/accounts/1")).split("What happened")[-1]
    assert "It stays open. It stays after all." in history
    assert f"It closes after {said}. {WHY}" in history


async def test_what_an_audit_entry_is_about_has_a_name(portal: Portal) -> None:
    await live(portal.world)
    about = re.findall(r"<td>(.*?)</td>", await main_of(portal, CO, "/audit"), re.DOTALL)[3::5]
    bare = {re.sub(r"<[^>]*>", "", one) for one in about}
    assert "@lakeside.school on Instagram" in bare
    assert "Given4 Sample4 at @lakeside.school on Instagram" in bare
    assert not {
        one for one in bare if re.fullmatch(r"(?:account|access|request|person|school|rule) \d+", one)
    }


async def test_the_division_s_accounts_stand_in_its_own_row(portal_behind: Portal) -> None:
    portal = portal_behind
    await live(portal.world)
    async with portal.world.store.write(audited=False) as session:
        account = table_of(Account)
        await session.run(update(account).values(school_id=None))
    name = portal.world.policy.organization.name
    row = re.search(rf'<th scope="row">{name}</th><td>1</td>', await main_of(portal, CO, "/schools"))
    assert row, "no roster has it"
    await portal.world.put(a_school(3, is_division=True))
    async with portal.world.store.write(audited=False) as session:
        school = table_of(School)
        await session.run(update(school).where(school.c.id == 3).values(name="Division Office"))
    schools = await main_of(portal, CO, "/schools")
    assert 'href="/schools/3">Division Office</a></th><td>1</td>' in schools
    assert name not in schools
    assert "1 account" in await main_of(portal, CO, "/schools/3")


def test_a_history_begins_when_the_account_was_live() -> None:
    entry = Entry(1, BEGAN, "account", 1, None, "live", "", "", "", None, None, "command line")
    (one,) = stretches([entry], UTC, BEGAN.date(), BEGAN - timedelta(days=300))
    assert one.days == 301
    (one,) = stretches([entry], UTC, BEGAN.date(), BEGAN + timedelta(days=300))
    assert one.days == 1


async def test_a_single_day_is_not_drawn(portal: Portal) -> None:
    await live(portal.world)
    assert "<svg" not in await main_of(portal, TEACHER, "/accounts/1")
    portal.world.later(days=3)
    assert "<svg" in await main_of(portal, TEACHER, "/accounts/1")


def test_who_may_ends_without_the_comma_after_which_a_refusal_goes_on() -> None:
    parts = ("the Superintendent", "who keeps the account, and does not administer it,")
    assert who_may(parts) == "the Superintendent or who keeps the account, and does not administer it"


def test_a_long_handle_goes_on_after_a_dot_and_what_it_holds_is_escaped() -> None:
    assert breaks("@lakeside.school on Instagram") == "@lakeside.school on Instagram"
    assert breaks("@wolverineridge.grade4 on Instagram") == "@wolverineridge.<wbr>grade4 on Instagram"
    assert breaks("https://example.org/<b>.html") == "https://example.<wbr>org/&lt;b&gt;.html"


async def test_what_is_asked_about_an_access_leads_to_its_account(portal: Portal) -> None:
    await approved(portal.world)
    queue = await main_of(portal, CO, "/queue?whose=all")
    assert queue.count(">Accept responsibility · @lakeside.school on Instagram</a>") > 0
    assert "<strong>Accept responsibility" not in queue

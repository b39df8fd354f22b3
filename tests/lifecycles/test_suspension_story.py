"""Findings that nobody mends: announced, suspended, brought back or closed, on both databases (9, 10)."""

from contextlib import nullcontext
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, update
from sqlmodel import col

from deployments.sample.words import RoleKind
from policy.calendar import Calendar
from policy.controls.sanction import Suspending
from schemas.accounts import Account
from schemas.errors import BadInput, NotAllowed, NotNow
from schemas.evidence import PageCheck
from schemas.findings import Finding, Suspension
from schemas.people import Person, Role
from schemas.states import AccessState, AccountState
from schemas.words import PageVerdict, Via
from tasks.pages.attest_notice import NoticeSeenForm, attest_notice
from tasks.suspension import asking
from tasks.suspension.preview import preview
from tasks.suspension.returns import HoldForm, ReturnForm, ask_back, take_hold
from tasks.suspension.suspend import ReinstatementForm, reinstate_account
from tests.lifecycles.suspension_helpers import (
    announced,
    day,
    forgets,
    leaves,
    night,
    notice_goes_missing,
    past,
    still_asked,
    suspended,
    told,
)
from tests.support.changed_policies import known_for_long
from tests.support.rules import the_notice
from tests.support.stages import live, prepared
from tests.support.world import CO, PRINCIPAL, SUPER, TEACHER, World, mail

AHEAD, WANTED = "suspension_ahead", "reinstatement_wanted"


async def test_announced_with_its_day_and_suspended_on_a_school_day_after_it(world: World) -> None:
    last = await announced(world)
    assert last == Calendar(world.policy).add_school_days(day(world), 10)
    assert await told(world, AHEAD) == [PRINCIPAL, TEACHER]
    assert await night(world) == [], "once"
    world.on(last)
    assert await night(world) == [], "the last day is theirs"
    await past(world, last)
    assert await night(world) == ["account suspended for 8"]
    assert await world.account(1) is AccountState.SUSPENDED
    assert set((await world.accesses()).values()) == {AccessState.GRANTED}, "who is to mend it can reach it"
    assert set(await told(world, "account_suspended")) == {PRINCIPAL, TEACHER, CO}
    (row,) = await world.rows("suspension")
    held = (row["control"], row["decided_by_id"], row["recorded_via"])
    assert held == ("notice-on-page", None, Via.STEWARD)
    assert await night(world) == [], "and only once"
    (finding,) = await world.rows("finding")
    assert finding["resolved_at"] is None, "suspending mends nothing"


@pytest.mark.parametrize("verdict", [PageVerdict.UNCLEAR, PageVerdict.UNREACHABLE])
async def test_a_page_that_was_not_seen_leads_to_no_suspension(world: World, verdict: PageVerdict) -> None:
    """Neither from the start, nor where it was seen to lack the notice when it was announced (8)."""
    await live(world)
    await notice_goes_missing(world, verdict)
    assert await night(world) == []
    assert await preview(world.store, world.policy, now=world.now) == ()
    (case,) = await asking.FINDINGS.due(world.runtime, world.now)
    assert await asking.FINDINGS.move(world.runtime, case, world.now) == ("asked to mend",)
    assert AHEAD not in {row["kind"] for row in await world.rows("notice")}


async def test_who_is_asked_about_an_unread_page_of_the_division_may_say_what_it_shows(world: World) -> None:
    """Communications administers it alone: somebody else looks, the office that steps in (5, 8)."""
    await prepared(world, "division")
    await world.report(1, CO)
    await world.look(1)
    await world.drain()
    await notice_goes_missing(world, PageVerdict.UNCLEAR)
    await night(world)
    (case,) = await asking.FINDINGS.due(world.runtime, world.now)
    await asking.FINDINGS.move(world.runtime, case, world.now)
    (item,) = [row for row in await world.rows("action_item") if row["kind"] == "mend a finding"]
    assert (item["role"], item["person_id"]) == (RoleKind.SUPERINTENDENT, None)
    said = {"account": 1, "evidence": "Looked at on a phone."}
    for person, may in ((CO, False), (PRINCIPAL, False), (SUPER, True)):
        form = NoticeSeenForm(actor=mail(person), **said)
        with nullcontext() if may else pytest.raises(NotAllowed):
            await attest_notice(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def test_announced_and_then_unreachable_it_stays(world: World) -> None:
    last = await announced(world)
    await past(world, last)
    await notice_goes_missing(world, PageVerdict.UNREACHABLE)
    assert await night(world) == []
    assert await world.account(1) is AccountState.LIVE


async def test_mended_in_time_nothing_happens(world: World) -> None:
    last = await announced(world)
    await notice_goes_missing(world, PageVerdict.EXACT)
    assert await night(world) == ["mended in time"]
    assert await preview(world.store, world.policy, now=world.now) == ()
    await past(world, last)
    assert await night(world) == []
    assert await world.account(1) is AccountState.LIVE
    items = [row for row in await world.rows("action_item") if row["kind"] == "mend a finding"]
    assert {row["state"] for row in items} == {"done"}


async def test_nobody_is_suspended_who_was_not_told(world: World) -> None:
    """The mail server is away for three weeks: the days of grace begin when it has taken the notice."""
    await live(world)
    await notice_goes_missing(world)
    assert await night(world, mail_leaves=False) == ["suspension announced"]
    world.later(days=21)
    assert await night(world, mail_leaves=False) == []
    (ahead,) = await preview(world.store, world.policy, now=world.now)
    assert ahead.stands == "announced, but no mail has left"
    await leaves(world, world.now)
    (ahead,) = await preview(world.store, world.policy, now=world.now)
    assert ahead.after == Calendar(world.policy).due_after(day(world), school_days=10)
    world.on(ahead.after)
    assert await night(world) == []
    await past(world, ahead.after)
    assert await night(world) == ["account suspended for 8"]


async def test_mended_after_it_communications_is_asked_and_brings_it_back(world: World) -> None:
    await suspended(world)
    await notice_goes_missing(world, PageVerdict.EXACT)
    assert await night(world) == ["mended: its return is asked for"]
    assert await told(world, WANTED) == [CO]
    assert await night(world) == []
    form = ReinstatementForm(account=1, actor=mail(CO), reason="The notice is there again.")
    receipt = await reinstate_account(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    assert "Still to be mended" not in receipt.says
    assert await world.account(1) is AccountState.LIVE
    assert await night(world) == []
    assert not [
        row
        for row in await world.rows("action_item")
        if row["state"] == "open" and row["control"] in {"notice-on-page", "compliance"}
    ]


async def test_brought_back_unmended_everybody_has_new_days(world: World) -> None:
    last = await suspended(world)
    form = ReinstatementForm(account=1, actor=mail(CO), reason="Needed for the storm days.")
    receipt = await reinstate_account(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    assert "finding 1 (8)" in receipt.says
    assert await night(world) == ["suspension announced"]
    (ahead,) = await preview(world.store, world.policy, now=world.now)
    assert ahead.after > last
    assert await night(world) == []


async def test_its_people_ask_for_its_return(world: World) -> None:
    form = ReturnForm(account=1, actor=mail(TEACHER), reason="The page carries the notice again.")
    await live(world)
    with pytest.raises(NotNow):
        await ask_back(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    await notice_goes_missing(world)
    await night(world)
    (ahead,) = await preview(world.store, world.policy, now=world.now)
    await past(world, ahead.after)
    await night(world)
    for _ in range(2):
        await ask_back(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    assert await told(world, WANTED) == [CO]
    (row,) = await world.rows("suspension")
    assert (row["asked_by_id"], row["asked_because"]) == (TEACHER, "The page carries the notice again.")
    stranger = ReturnForm(account=1, actor=mail(5), reason="It should come back.")
    with pytest.raises(NotAllowed):
        await ask_back(world.store, world.policy, stranger, via=Via.COMMAND, now=world.now)


async def test_never_mended_it_is_closed_in_the_end(world: World) -> None:
    world.policy = known_for_long(world.policy)
    await suspended(world)
    (ahead,) = await preview(world.store, world.policy, now=world.now)
    assert ahead.what == "account closed"
    assert ahead.after >= day(world) + timedelta(days=world.policy.the(Suspending).close_after_days)
    world.on(ahead.after)
    assert await night(world) == []
    await past(world, ahead.after)
    assert await night(world) == ["closed: it stayed suspended too long for 8"]
    assert await world.account(1) is AccountState.CLOSED
    assert set(await told(world, "account_closed")) == {PRINCIPAL, TEACHER, CO}
    (row,) = await world.rows("suspension")
    assert row["ended_at"] == world.now
    assert await still_asked(world) == []


async def test_what_communications_suspended_is_theirs_alone(world: World) -> None:
    """An emergency is neither announced nor closed by days (10)."""
    await live(world)
    await notice_goes_missing(world)
    async with world.store.write() as session:
        await session.run(update(Account).values(state=AccountState.SUSPENDED))
        await session.run(
            insert(Suspension).values(
                account_id=1, control="compliance", reason="Taken over.", decided_by_id=CO,
                suspended_at=world.now, recorded_via=Via.COMMAND,
            )
        )  # fmt: skip
    world.later(days=800)
    assert await night(world) == []
    assert await preview(world.store, world.policy, now=world.now) == ()


async def test_one_persons_access_goes_and_comes_back_by_itself(world: World) -> None:
    await live(world)
    await forgets(world, TEACHER)
    assert await night(world) == ["suspension announced"]
    assert await told(world, AHEAD) == [TEACHER], "about one person: only that person is told"
    (ahead,) = await preview(world.store, world.policy, now=world.now)
    assert (ahead.what, ahead.person) == ("access suspended", TEACHER)
    assert ahead.whose == f"Given{TEACHER} Sample{TEACHER}"
    await past(world, ahead.after)
    assert await night(world) == ["access suspended"]
    assert (await world.accesses())[TEACHER] is AccessState.SUSPENDED
    assert await world.account(1) is AccountState.LIVE
    await world.meet_gates(1, TEACHER)
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.GRANTED


async def test_the_last_who_can_reach_it_stays_until_communications_holds_it(world: World) -> None:
    await live(world)
    async with world.store.write() as session:
        await session.run(update(Account).values(vault_reference=None, custodian_is_administrator=False))
    await forgets(world, TEACHER, PRINCIPAL)
    await night(world)
    ahead = await preview(world.store, world.policy, now=world.now)
    await past(world, ahead[0].after)
    (said,) = await night(world)
    assert said == "access suspended and left its last administrator until somebody else can reach it"
    states = await world.accesses()
    assert sorted(states.values()) == [AccessState.GRANTED, AccessState.SUSPENDED]
    assert await night(world) == [], "asked once"
    asked = [row for row in await world.rows("action_item") if row["kind"] == "take hold of the account"]
    assert [(row["role"], row["state"]) for row in asked] == [("communications officer", "open")]

    nothing = HoldForm(account=1, actor=mail(CO), custodian_is_administrator=True)
    with pytest.raises(BadInput):  # a shared password needs the vault
        await take_hold(world.store, world.policy, nothing, via=Via.COMMAND, now=world.now)
    other = HoldForm(account=1, actor=mail(TEACHER), vault_reference="vault/Lakeside")
    with pytest.raises(NotAllowed):
        await take_hold(world.store, world.policy, other, via=Via.COMMAND, now=world.now)
    form = HoldForm(account=1, actor=mail(CO), vault_reference="vault/Lakeside")
    await take_hold(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    assert await night(world) == ["access suspended"]
    assert set((await world.accesses()).values()) == {AccessState.SUSPENDED}


async def test_the_course_lapses_for_everybody_and_one_stays(world: World) -> None:
    """All who administer it lose the course on the same day, and nobody else can reach the account (5.2)."""
    world.policy = known_for_long(world.policy)
    await live(world)
    async with world.store.write() as session:
        await session.run(update(Account).values(vault_reference=None, custodian_is_administrator=False))
    world.later(days=400)
    await world.drain()
    assert set((await world.accesses()).values()) == {AccessState.GRANTED}, "asked first"
    await leaves(world, world.now)
    world.later(days=56)
    await world.drain()
    assert sorted((await world.accesses()).values()) == [AccessState.GRANTED, AccessState.SUSPENDED]
    form = HoldForm(account=1, actor=mail(CO), vault_reference="vault/Lakeside")
    await take_hold(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    await world.drain()
    assert set((await world.accesses()).values()) == {AccessState.SUSPENDED}


@pytest.mark.parametrize("custodian", ["has left", "no longer holds the office"])
async def test_a_name_in_the_vault_reaches_nothing_where_nobody_holds_the_office(
    world: World, custodian: str
) -> None:
    world.policy = known_for_long(world.policy)
    await live(world)
    async with world.store.write() as session:
        await session.run(
            update(Person).where(col(Person.id) == CO).values(active=False)
            if custodian == "has left"
            else update(Role).where(col(Role.person_id) == CO).values(ends_on=date(2026, 11, 1))
        )
    world.later(days=400)
    await world.drain()
    await leaves(world, world.now)
    world.later(days=56)
    await world.drain()
    assert sorted((await world.accesses()).values()) == [AccessState.GRANTED, AccessState.SUSPENDED]


async def test_the_brakes_hold(world: World) -> None:
    """A wrong rule neither writes to everybody in one night nor suspends them."""
    await live(world)
    terms = world.policy.the(Suspending)
    async with world.store.write() as session:
        (like,) = (await session.run(Account.__table__.select())).mappings().all()  # type: ignore[attr-defined]
        many = terms.announced_a_night_at_most + terms.suspended_a_night_at_most + 3
        rows = [
            {
                **like,
                "id": 100 + number,
                **dict.fromkeys(("handle", "handle_key", "page_key", "platform_key"), f"many{number}"),
            }
            for number in range(many)
        ]
        await session.run(insert(Account), rows)
        await session.run(
            insert(PageCheck),
            [
                {
                    "account_id": row["id"], "address": "https://www.example.org/x", "checked_at": world.now,
                    "verdict": PageVerdict.MISSING, "notice_version": the_notice(world.policy).version,
                }
                for row in rows
            ],
        )  # fmt: skip
    assert len(await night(world)) == terms.announced_a_night_at_most
    assert await night(world) == [], "no more in the same night"
    world.later(days=1)
    assert len(await night(world)) == many - terms.announced_a_night_at_most
    world.on(date(2027, 1, 18))
    async with world.store.write() as session:  # a second finding at accounts that are on their way already
        await session.run(
            insert(Finding),
            [
                {
                    "account_id": row["id"], "control": "privacy-settings", "person_id": 0, "detail": "x",
                    "opened_at": world.now, "due_on": day(world),
                }
                for row in rows
            ],
        )  # fmt: skip
    suspends = ["account suspended for 8"] * terms.suspended_a_night_at_most
    assert await night(world) == suspends + ["suspension announced"] * terms.announced_a_night_at_most
    assert await night(world) == [], "no more in the same night, whatever the reason"
    world.later(days=1)
    assert await night(world) == suspends + ["suspension announced"] * 3

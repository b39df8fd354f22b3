"""From request to live account and every other end, with plain calls, on both databases (issue's point 4)."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from deployments.sample.words import RoleKind
from policy.controls.identify_owner import IdentifyOwner
from policy.notices.accounts import LookForTheNotice
from schemas.errors import BadInput, MovedMeanwhile, NotAllowed, NotNow, Unknown
from schemas.people import Absence, Person
from schemas.states import AccessState, AccountState, RequestState
from schemas.words import ItemKind, ItemState, PageVerdict, Via
from tasks.items.lifecycle import LIFECYCLE as ITEMS
from tasks.pages.attest_notice import NoticeSeenForm, attest_notice
from tasks.requests.hand_in import WithdrawalForm, withdraw_request
from tasks.training.completions import VoidForm, void_completion
from tests.factories.division import a_completion, a_role
from tests.support.stages import LEVELS, approved, prepared
from tests.support.world import (
    CO,
    DEPUTY,
    OTHER_PRINCIPAL,
    PRINCIPAL,
    SUPER,
    TEACHER,
    VICE,
    World,
    mail,
)

CREATION, GATE, PAGES, MAIL = (
    "account-creation",
    "training-gate",
    "disclaimer-verification",
    "notice-delivery",
)


@pytest.mark.parametrize("level", LEVELS)
async def test_from_request_to_live(world: World, level: str) -> None:
    asked, decider, people = LEVELS[level]
    request = await world.submit(**asked)
    assert await world.woken() == {CREATION}
    await world.drain()
    assert await world.request(request) is RequestState.AWAITING_DECISION
    assert await world.asked() == [("decide the request", None)]
    assert await world.told() == [("decision_wanted", decider)]
    await world.decide(request, decider)
    assert await world.woken() == {GATE}
    await world.drain()
    assert await world.accesses() == dict.fromkeys(people, AccessState.WAITING)
    assert {who for _, who in await world.asked()} == set(people)
    await world.meet_gates(1, *people)
    assert GATE in await world.woken()
    await world.drain()
    assert await world.accesses() == dict.fromkeys(people, AccessState.GRANTED)
    assert CREATION in await world.woken()
    assert await world.account(1) is AccountState.PREPARING
    creator = TEACHER if TEACHER in people else CO
    assert ("create the account and report it", creator) in await world.asked()
    world.later(hours=1)
    await world.report(1, creator)
    assert await world.woken() == {PAGES}
    await world.look(1)
    await world.drain()
    assert await world.account(1) is AccountState.LIVE
    open_still = [kind for kind, _ in await world.asked() if kind != "complete the course"]
    assert open_still == []  # the course was put in beside the intake that settles it
    told = await world.told()
    assert len(told) == len(set(told))
    assert {who for kind, who in told if kind == "account_live"} >= {*people, CO}
    moves = [row for row in await world.rows("audit_entry") if row["to_state"] == "live"]
    assert len(moves) == 1


async def test_a_personal_account_needs_nobody(world: World) -> None:
    request = await world.submit(level="personal", school="", administrators=[], purpose="", why_not="")
    await world.drain()
    assert await world.request(request) is RequestState.NOT_NEEDED
    assert await world.told() == [("no_approval_needed", TEACHER)]
    assert await world.asked() == []


async def test_sent_back_with_every_reason_and_handed_in_again(world: World) -> None:
    request = await world.submit(
        purpose="", audience="", why_not="", tools_considered=[], school="", administrators=[]
    )
    await world.drain()
    assert await world.request(request) is RequestState.SENT_BACK
    (row,) = await world.rows("account_request")
    assert len(row["reasons"]) == 6
    assert await world.asked() == [("mend the request", TEACHER)]
    with pytest.raises(NotAllowed):
        await world.submit(actor=mail(CO), again=request)
    await world.woken()
    await world.submit(again=request)
    assert await world.woken() == {CREATION}
    await world.drain()
    assert await world.asked() == [("decide the request", None)]
    await world.decide(request, CO, "send back")
    assert await world.request(request) is RequestState.SENT_BACK
    assert await world.asked() == [("mend the request", TEACHER)]
    assert await world.woken()  # the notice leaves with this event


async def test_who_may_not_decide_changes_nothing(world: World) -> None:
    request = await world.submit(actor=mail(CO))
    class_request = await world.submit(level="classroom", handle="@class", administrators=[mail(TEACHER)])
    await world.drain()
    before = await world.everything()
    for number, person in (
        (request, CO),
        (request, PRINCIPAL),
        (request, TEACHER),
        (class_request, OTHER_PRINCIPAL),
        (class_request, CO),
        (class_request, TEACHER),
    ):
        with pytest.raises(NotAllowed, match=r"\([56]\)"):
            await world.decide(number, person)
    with pytest.raises(Unknown):
        await world.decide(99, CO)
    assert await world.everything() == before
    await world.decide(request, SUPER)  # steps in: Communications asked for it
    with pytest.raises(MovedMeanwhile) as second:
        await world.decide(request, SUPER)
    assert second.value.by_id == SUPER


async def test_a_deputy_decides_but_never_in_the_requesters_stead(world: World) -> None:
    today = world.now.date()
    week: dict[str, Any] = {"starts_on": today, "ends_on": today + timedelta(days=5)}
    await world.put(Absence(person_id=PRINCIPAL, deputy_id=DEPUTY, **week))
    own = await world.submit(
        level="classroom", actor=mail(PRINCIPAL), handle="@own", administrators=[mail(TEACHER)]
    )
    other = await world.submit(level="classroom", administrators=[mail(TEACHER)])
    await world.drain()
    assert ("decision_wanted", CO) in await world.told()
    with pytest.raises(NotAllowed):
        await world.decide(own, DEPUTY)
    await world.decide(own, CO)
    await world.decide(other, DEPUTY)
    decisions = {row["request_id"]: row for row in await world.rows("decision")}
    assert decisions[other]["deputy_for_id"] == PRINCIPAL
    assert decisions[own]["deputy_for_id"] is None


async def test_one_handle_is_approved_once(world: World) -> None:
    first, second = await world.submit(), await world.submit(handle="Lakeside.School")
    await world.drain()
    await world.decide(first, CO)
    with pytest.raises(BadInput, match="another handle"):
        await world.decide(second, CO)
    assert await world.request(second) is RequestState.AWAITING_DECISION
    await world.decide(second, CO, "decline")
    assert await world.request(second) is RequestState.DECLINED
    assert ("request_declined", TEACHER) in await world.told()


@pytest.mark.parametrize(
    ("by", "changes"),
    [
        (TEACHER, {"vault_reference": ""}),
        (TEACHER, {"privacy_done": ()}),
        (TEACHER, {"privacy_done": ("no-such-item",)}),
        (OTHER_PRINCIPAL, {}),
    ],
)
async def test_a_report_that_lacks_something_is_not_kept(
    world: World, by: int, changes: dict[str, object]
) -> None:
    await prepared(world)
    before = await world.everything()
    with pytest.raises(BadInput):
        await world.report(1, by, **changes)
    assert await world.everything() == before


async def test_a_page_without_the_notice_is_mended(world: World) -> None:
    people = await prepared(world)
    await world.report(1, TEACHER)
    await world.look(1, PageVerdict.MISSING)
    await world.drain()
    assert {("put the notice on the page", one) for one in people} <= set(await world.asked())
    await world.look(1, PageVerdict.ALTERED)
    await world.drain()
    mend = [one for one in await world.asked() if one[0] == "put the notice on the page"]
    assert len(mend) == len(people)
    await world.look(1)
    await world.drain()
    assert await world.account(1) is AccountState.LIVE


LOOKS = {
    "division": RoleKind.SUPERINTENDENT,
    "school": RoleKind.COMMUNICATIONS_OFFICER,
    "classroom": RoleKind.SCHOOL_ADMINISTRATOR,
}


async def looked_for(world: World) -> list[tuple[int | None, str | None, date]]:
    """Of whom it is asked to put the notice on a page, or to look for it, and until when."""
    items = [one for one in await world.rows("action_item") if one["kind"] == ItemKind.MEND_NOTICE]
    return [(one["person_id"], one["role"], one["due_on"]) for one in items if one["state"] == ItemState.OPEN]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("verdict", [PageVerdict.UNREACHABLE, PageVerdict.UNCLEAR])
async def test_a_page_that_cannot_be_read_is_looked_at_by_somebody_else(
    one_world: World, level: str, verdict: PageVerdict
) -> None:
    """Its administrators may not say what it shows: without another who is asked, it would never be live."""
    world = one_world
    people = await prepared(world, level)
    await world.report(1, people[-1])
    await world.look(1, verdict)
    await world.drain()
    asked = await looked_for(world)
    assert sorted(person for person, *_ in asked if person) == sorted(people)
    assert [role for person, role, _ in asked if not person] == [LOOKS[level]]
    (looks, *_) = [to for kind, to in await world.told() if kind == LookForTheNotice.kind]
    assert looks not in people
    form = NoticeSeenForm(account=1, actor=mail(looks), evidence="Looked at on a phone.")
    await attest_notice(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    await world.drain()
    assert await world.account(1) is AccountState.LIVE
    assert not [one for one in await world.asked() if one[0] == "put the notice on the page"]


async def test_who_is_asked_to_look_follows_who_may(one_world: World) -> None:
    """An office is asked for as long as it is the nearest that has somebody who does not administer it."""
    world = one_world
    await prepared(world, "division")
    await world.report(1, CO)
    await world.look(1, PageVerdict.UNREACHABLE)
    await world.drain()
    await world.put(a_role(DEPUTY, RoleKind.COMMUNICATIONS_OFFICER, school=None))
    await world.drain()
    offices = [role for _, role, _ in await looked_for(world) if role]
    assert offices == [RoleKind.COMMUNICATIONS_OFFICER]
    form = NoticeSeenForm(account=1, actor=mail(SUPER), evidence="Looked at on a phone.")
    with pytest.raises(NotAllowed, match="Only who keeps or approves the account"):
        await attest_notice(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    form = form.model_copy(update={"actor": mail(CO)})
    with pytest.raises(NotAllowed, match="You administer account 1"):
        await attest_notice(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    form = form.model_copy(update={"actor": mail(DEPUTY)})
    await attest_notice(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def test_whoever_the_look_has_climbed_to_may_say_what_is_there(one_world: World) -> None:
    world = one_world
    await prepared(world)
    await world.put(a_role(VICE))
    await world.report(1, TEACHER)
    await world.look(1, PageVerdict.UNREACHABLE)
    await world.drain()
    form = NoticeSeenForm(account=1, actor=mail(VICE), evidence="Looked at on a phone.")
    with pytest.raises(NotAllowed):
        await attest_notice(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    for _ in range(14):
        world.later(days=1)
        for stage in ITEMS.stages:
            for case in await stage.due(world.runtime, world.now):
                await stage.move(world.runtime, case, world.now)
    assert ("item_escalated", VICE) in await world.told()
    await attest_notice(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def test_a_page_that_nobody_can_read_is_asked_about_once(one_world: World) -> None:
    """Not to be opened one night and unclear the next: the day stays, so that it becomes late and climbs."""
    world = one_world
    await prepared(world)
    await world.report(1, TEACHER)
    await world.look(1, PageVerdict.UNREACHABLE)
    await world.drain()
    asked, told = await looked_for(world), await world.told()
    for verdict in (PageVerdict.UNCLEAR, PageVerdict.UNREACHABLE):
        world.later(days=1)
        await world.look(1, verdict)
        await world.drain()
    assert (await looked_for(world), await world.told()) == (asked, told)


@pytest.mark.parametrize("too", [False, True])
async def test_whose_the_profile_is_is_said_with_the_notice(one_world: World, *, too: bool) -> None:
    """Else it is found the day after, and somebody is asked to open the same page a second time."""
    world = one_world
    await prepared(world, "classroom")
    await world.report(1, TEACHER)
    await world.look(1, PageVerdict.UNREACHABLE)
    await world.drain()
    form = NoticeSeenForm(
        account=1,
        actor=mail(PRINCIPAL),
        evidence="Looked at on a phone.",
        owner=mail(TEACHER) if too else None,
    )
    await attest_notice(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    await world.drain()
    assert await world.account(1) is AccountState.LIVE
    async with world.store.read() as session:
        rule, today = world.policy.the(IdentifyOwner), world.policy.calendar.today(world.now)
        found = await session.run(rule.violators(world.policy, today))
        assert bool(found.all()) is not too


async def test_an_owner_who_does_not_administer_it_is_refused_with_the_notice(one_world: World) -> None:
    world = one_world
    await prepared(world, "classroom")
    await world.report(1, TEACHER)
    await world.look(1, PageVerdict.UNREACHABLE)
    await world.drain()
    before = await world.everything()
    form = NoticeSeenForm(account=1, actor=mail(PRINCIPAL), evidence="Seen.", owner=mail(CO))
    with pytest.raises(NotNow, match="does not administer account 1"):
        await attest_notice(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    assert await world.everything() == before


async def test_whoever_looks_is_asked_no_more_when_the_page_could_be_read(one_world: World) -> None:
    world = one_world
    people = await prepared(world)
    await world.report(1, TEACHER)
    await world.look(1, PageVerdict.UNREACHABLE)
    await world.drain()
    await world.look(1, PageVerdict.MISSING)
    await world.drain()
    asked = [to for kind, to in await world.asked() if kind == "put the notice on the page"]
    assert set(asked) == set(people)


@pytest.mark.parametrize("reported", [False, True])
async def test_a_voided_completion_takes_access_and_gives_it_back(world: World, *, reported: bool) -> None:
    await prepared(world)
    if reported:
        await world.report(1, TEACHER)
    day = world.now.date() - timedelta(days=3)
    await world.woken()
    form = VoidForm(actor=mail(CO), person=mail(TEACHER), completed_on=day, reason="not theirs")
    await void_completion(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    assert await world.woken() == {GATE}
    await world.drain()
    assert await world.woken() == {CREATION, "credential-rotation"}
    assert await world.account(1) is AccountState.APPROVED
    assert ("complete the course", TEACHER) in await world.asked()
    world.later(days=1)
    await world.put(a_completion(TEACHER, world.now.date()))
    await world.drain()
    assert await world.account(1) is AccountState.PREPARING
    assert (("create the account and report it", TEACHER) in await world.asked()) is not reported
    if reported:
        assert PAGES in await world.woken()
        await world.look(1)
        await world.drain()
        assert await world.account(1) is AccountState.LIVE


async def leave(world: World, person: int) -> None:
    async with world.store.write() as session:
        await session.exec(update(Person).where(Person.id == person).values(active=False))  # type: ignore[arg-type]


async def test_another_reports_when_the_creator_leaves(world: World) -> None:
    request = await world.submit(administrators=[mail(PRINCIPAL), mail(TEACHER), mail(DEPUTY)])
    await world.drain()
    await world.decide(request, CO)
    await world.drain()
    await world.meet_gates(1, PRINCIPAL, TEACHER, DEPUTY)
    await world.drain()
    assert ("create the account and report it", TEACHER) in await world.asked()
    await leave(world, TEACHER)
    await world.drain()
    reporting = [who for kind, who in await world.asked() if kind == "create the account and report it"]
    assert reporting == [PRINCIPAL]
    assert TEACHER not in {who for _, who in await world.asked()}


async def test_withdrawn_at_every_stage(world: World) -> None:
    async def withdraw(request: int, by: int = TEACHER) -> None:
        form = WithdrawalForm(actor=mail(by), request=request)
        await withdraw_request(world.store, world.policy, form, via=Via.COMMAND, now=world.now)

    early = await world.submit(handle="@early")
    await withdraw(early)
    waiting = await world.submit(handle="@waiting")
    await world.drain()
    with pytest.raises(NotAllowed):
        await withdraw(waiting, CO)
    await withdraw(waiting)
    assert await world.asked() == []
    assert ("request_withdrawn", CO) in await world.told()
    with pytest.raises(NotNow):
        await world.decide(waiting, CO)
    await world.woken()
    people = await approved(world)
    await withdraw(3)
    assert await world.account(1) is AccountState.WITHDRAWN
    assert await world.asked() == []
    assert await world.accesses() == dict.fromkeys(people, AccessState.REVOKED)
    assert MAIL in await world.woken()
    await world.drain()
    assert await world.asked() == []
    again = await world.submit()  # the handle is free, and the gates are asked anew
    await world.drain()
    await world.decide(again, CO)
    await world.drain()
    assert {who for _, who in await world.asked()} == set(people)


async def test_abandoned_after_the_set_time_and_not_before(world: World) -> None:
    request = await world.submit(purpose="")
    await world.drain()
    world.on(date(2026, 12, 18))  # 60 days after 20 October is a Saturday before the winter break
    await world.drain()
    world.on(date(2027, 1, 4))  # so its last day is the first school day after it
    await world.drain()
    assert await world.request(request) is RequestState.SENT_BACK
    world.on(date(2027, 1, 5))
    await world.drain()
    assert await world.request(request) is RequestState.ABANDONED
    assert ("request_abandoned", TEACHER) in await world.told()
    assert await world.asked() == []


async def test_an_account_nobody_prepares_is_closed(world: World) -> None:
    people = await approved(world)
    world.later(days=120)
    await world.drain()
    assert await world.account(1) is AccountState.CLOSED
    assert {what for what, _ in await world.asked()} == {"confirm the list of a school"}  # it is February
    assert {who for kind, who in await world.told() if kind == "account_closed"} == {*people}

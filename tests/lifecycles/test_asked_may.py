"""Whoever an item climbs to may do what it asks, and an empty office stops nothing."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlmodel import col

from policy.action_items import PERSONAL
from policy.calendar import Calendar
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.errors import NotAllowed
from schemas.machinery import ActionItem
from schemas.outcome import Ask, Outcome, Subject
from schemas.people import Absence, Role
from schemas.states import AccountState, RequestState
from schemas.words import ChannelKind, CustodyMode, ItemKind, SubjectKind, Via
from tasks.acts.context import ActContext
from tasks.items.lifecycle import LIFECYCLE as ITEMS
from tasks.store.apply import apply
from tasks.store.audit import STEWARD, Actor
from tasks.suspension.returns import HoldForm, take_hold
from tasks.suspension.suspend import ReinstatementForm, SuspensionForm, reinstate_account, suspend_account
from tests.commands.act_cases import BROKEN, TEXTING, acted
from tests.support.promises import SETTLED_BY
from tests.support.world import CO, DEPUTY, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

LONG = date(2026, 12, 4)


async def climb(world: World) -> None:
    """The nights until an item stands at the top of its ladder."""
    day = world.now.date()
    while day < LONG:
        day += timedelta(days=1)
        world.on(day)
        for stage in ITEMS.stages:
            for case in await stage.due(world.runtime, world.now):
                await stage.move(world.runtime, case, world.now)


@pytest.mark.parametrize("level", ["school", "classroom"])
async def test_who_is_asked_in_the_end_may_decide(world: World, level: str) -> None:
    request = await world.submit(level=level, actor=mail(TEACHER))
    await world.drain()
    with pytest.raises(NotAllowed):
        await world.decide(request, SUPER)
    await climb(world)
    await world.decide(request, SUPER)
    assert await world.request(request) is RequestState.APPROVED


async def test_who_asked_never_decides_however_high_it_climbed(world: World) -> None:
    request = await world.submit(level="classroom", actor=mail(SUPER))
    await world.drain()
    await climb(world)
    with pytest.raises(NotAllowed, match="their own request"):
        await world.decide(request, SUPER)


async def asked(world: World, ask: Ask) -> None:
    async with world.store.write() as session:
        calendar = Calendar(world.policy)
        await apply(session, Outcome((ask,), "asked"), actor=STEWARD, calendar=calendar, now=world.now)


async def an_account(world: World, state: AccountState) -> int:
    """A school's account that is there, in this state."""
    request = await world.submit()
    await world.drain()
    await world.decide(request, CO)
    async with world.store.write(audited=False) as session:
        await session.run(update(table_of(Account)).values(state=state))
    return int((await world.rows("account"))[0]["id"])


#: Done by the person asked alone, or seen on the page or the platform: there is no act to refuse anybody.
NO_ACT = PERSONAL | {ItemKind.MEND_NOTICE, ItemKind.MEND_FINDING}


def test_every_kind_that_climbs_has_the_act_that_ends_it() -> None:
    assert set(SETTLED_BY) | NO_ACT | {ItemKind.MEND_REQUEST} == set(ItemKind)


#: What somebody hands in, and who is asked then.
BY_AN_ACT: Mapping[ItemKind, tuple[int, str, Mapping[str, Any]]] = {
    ItemKind.DECIDE_LEAVE: (TEACHER, "ask-for-leave", TEXTING),
    ItemKind.DECIDE_REPORT: (VICE, "report-what-was-broken", BROKEN),
    ItemKind.SEE_CONTACT: (TEACHER, "report-a-contact", {"says": "A message on a private account."}),
    ItemKind.CORRECT: (TEACHER, "report-misleading-information", {"says": "School begins at ten."}),
    ItemKind.SETTLE_PAGE: (TEACHER, "report-a-page", {"address": "https://www.example.org/a-class"}),
}


async def stands_open(world: World, kind: ItemKind, level: str) -> None:
    """An open item of this kind about something of this level."""
    division = {"school": "", "administrators": [mail(CO)]} if level == "division" else {}
    await world.submit(level=level, actor=mail(VICE), **division)
    await world.drain()
    if kind in BY_AN_ACT:
        actor, name, values = BY_AN_ACT[kind]
        school = {"school": "Sample School 1"} if kind is ItemKind.SETTLE_PAGE and not division else {}
        await acted(world, name, actor, **values, **school)
    elif kind is not ItemKind.DECIDE_REQUEST:
        await world.put(
            Account(
                id=1, level=level, channel=ChannelKind.SOCIAL_MEDIA, platform="Instagram", handle="x",
                handle_key="x", purpose="x", school_id=None if level == "division" else 1,
                custody=CustodyMode.SHARED_PASSWORD, state=AccountState.LIVE, state_since=world.now,
            )
        )  # fmt: skip
        if kind is ItemKind.ANSWER_PUBLIC:
            await acted(world, "log-an-enquiry", VICE, account=1, asks="When does school begin?")
            return
        kinds = {
            ItemKind.SETTLE_ROW: SubjectKind.SCHOOL,
            ItemKind.CONFIRM_LIST: SubjectKind.SCHOOL,
            ItemKind.ANSWER_BRAKE: SubjectKind.BRAKE,
            ItemKind.MEND_MAILBOX: SubjectKind.PERSON,
        }
        about = kinds.get(kind, SubjectKind.ACCOUNT)
        ask = Ask("asked", kind, VICE, Subject(about, 1), "compliance", world.now.date())
        await asked(world, ask)


async def may_not(world: World, kind: ItemKind, level: str, who: Mapping[str, int]) -> list[tuple[str, str]]:
    """At which step of the ladder the person of which office may not end it, by the act's own word."""
    act, form = SETTLED_BY[kind]
    found, calendar = [], Calendar(world.policy)
    offices = [one.to for one in world.policy.terms(kind).climbs]
    if level == "division":  # there is no school whose office it could climb to
        offices = [one for one in offices if world.policy.office(one).at != "school"]
    for step, office in enumerate(offices):
        async with world.store.write(audited=False) as session:
            item = table_of(ActionItem)
            await session.run(update(item).where(item.c.kind == kind).values(climbed_to=office))
            row = (await session.run(item.select().where(item.c.kind == kind))).one()
            for below in offices[: step + 1]:
                actor = Actor(who[below], Via.COMMAND)
                context = ActContext(session, world.policy, calendar, actor, world.now)
                try:
                    right = await act.who.test(context, form(row, mail(who[below])))
                except NotAllowed:
                    right = None
                if right is None:
                    found.append((office, below))
    return found


HOLDERS = {"communications officer": CO, "superintendent": SUPER, "school administrator": PRINCIPAL}


@pytest.mark.parametrize("kind", SETTLED_BY)
async def test_whoever_an_item_climbs_to_may_end_it(world: World, kind: ItemKind) -> None:
    """Each kind, each step of the ladder, on both databases."""
    await stands_open(world, kind, "school")
    assert await may_not(world, kind, "school", HOLDERS) == []


@pytest.mark.parametrize("level", ["division", "classroom"])
@pytest.mark.parametrize("kind", SETTLED_BY)
async def test_at_the_other_levels_they_may_end_it_too(one_world: World, kind: ItemKind, level: str) -> None:
    await stands_open(one_world, kind, level)
    assert await may_not(one_world, kind, level, HOLDERS) == []


@pytest.mark.parametrize("level", ["division", "school", "classroom"])
@pytest.mark.parametrize("kind", SETTLED_BY)
async def test_whoever_stands_in_may_end_it_too(one_world: World, kind: ItemKind, level: str) -> None:
    """The acting Superintendent, an acting head, the deputy of Communications: each kind, level and step."""
    world, today = one_world, one_world.now.date()
    await world.put(
        *(
            Absence(person_id=away, deputy_id=DEPUTY, starts_on=today, ends_on=LONG)
            for away in HOLDERS.values()
        )
    )
    await stands_open(world, kind, level)
    assert await may_not(world, kind, level, dict.fromkeys(HOLDERS, DEPUTY)) == []


@pytest.mark.parametrize("kind", [ItemKind.TAKE_HOLD, ItemKind.DECIDE_REINSTATEMENT])
async def test_who_is_asked_in_the_end_may_act_on_the_account(world: World, kind: ItemKind) -> None:
    holding = kind is ItemKind.TAKE_HOLD
    account = await an_account(world, AccountState.LIVE if holding else AccountState.SUSPENDED)
    subject = Subject(SubjectKind.ACCOUNT, account)
    ask = Ask("asked", kind, PRINCIPAL, subject, "compliance", world.now.date())
    given = (world.store, world.policy)

    async def act() -> None:
        common = {"via": Via.COMMAND, "now": world.now}
        if holding:
            hold = HoldForm(actor=mail(SUPER), account=account, vault_reference="vault/Lakeside")
            await take_hold(*given, hold, **common)  # type: ignore[arg-type]
        else:
            back = ReinstatementForm(actor=mail(SUPER), account=account, reason="It is mended.")
            await reinstate_account(*given, back, **common)  # type: ignore[arg-type]

    with pytest.raises(NotAllowed):
        await act()
    await asked(world, ask)
    await climb(world)
    await act()


async def test_with_an_empty_office_who_stands_in_suspends(world: World) -> None:
    account = await an_account(world, AccountState.LIVE)
    form = SuspensionForm(account=account, actor=mail(SUPER), reason="Somebody else posts there.")
    common = {"via": Via.COMMAND, "now": world.now}
    with pytest.raises(NotAllowed, match="Only the Communications Officer"):
        await suspend_account(world.store, world.policy, form, **common)  # type: ignore[arg-type]
    async with world.store.write(audited=False) as session:
        await session.run(delete(table_of(Role)).where(col(Role.person_id) == CO))
    await suspend_account(world.store, world.policy, form, **common)  # type: ignore[arg-type]
    assert await world.account(account) is AccountState.SUSPENDED

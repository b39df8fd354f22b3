"""Who may act, once an office is given or ended: nobody gains by what they record, and an end is an end."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import col, select, update

from deployments.sample.words import RoleKind
from policy.access_ends import last_day as first_that_may_be_given
from policy.notices.base import NoticeContext
from policy.notices.people import DeputyLeft
from schemas.errors import AlreadyDone, BadInput, NotAllowed, StewardError
from schemas.machinery import Notice
from schemas.outcome import RoleAt
from schemas.people import Absence, Person
from schemas.receipt import Receipt
from schemas.states import AccessState
from schemas.words import CustodyMode, ItemKind, Via
from tasks.acts.table import ACTS
from tasks.mail.rows import load
from tasks.people.desks import own_absences
from tasks.people.listing import list_absences
from tasks.store.holders import Holder, holders
from tests.factories.division import a_person, a_role, an_acceptance, an_access, an_account
from tests.support.stages import leaves, live
from tests.support.world import CO, OTHER_PRINCIPAL, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

OFFICER, CHIEF = RoleKind.COMMUNICATIONS_OFFICER, RoleKind.SUPERINTENDENT
WHY = "A case of misconduct."
SECOND = 8  # another Communications Officer, where a test puts them


async def acts(world: World, name: str, actor: int, **values: Any) -> Receipt:
    act = ACTS[name].load()
    form = act.form.model_validate({"actor": mail(actor), **values})
    done: Receipt = await act(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    return done


def on(world: World, days: int) -> date:
    return world.now.date() + timedelta(days=days)


async def away(world: World, person: int, deputy: int, first: int = 0, last: int = 9) -> None:
    await world.put(
        Absence(person_id=person, deputy_id=deputy, starts_on=on(world, first), ends_on=on(world, last))
    )


async def gives(world: World, by: int, whom: int, office: str = CHIEF, **more: Any) -> Receipt:
    return await acts(world, "give-an-office", by, person=mail(whom), office=office, **more)


async def ends(world: World, by: int, whose: int, office: str = CHIEF, **more: Any) -> Receipt:
    return await acts(world, "end-an-office", by, person=mail(whose), office=office, reason=WHY, **more)


async def held(world: World, person: int, day: date) -> set[str]:
    return {
        row["kind"]
        for row in await world.rows("role")
        if row["person_id"] == person
        and row["starts_on"] <= day
        and (row["ends_on"] is None or row["ends_on"] >= day)
    }


async def told(world: World, kind: str) -> set[int]:
    return {row["person_id"] for row in await world.rows("notice") if row["kind"] == kind}


@pytest.mark.parametrize("first", [0, 3])
async def test_nobody_gives_an_office_to_whom_they_stand_in_for_by_another_right(
    world: World, first: int
) -> None:
    """By an office of their own they gave a principal on leave the Superintendent's, and acted in it."""
    await away(world, PRINCIPAL, CO, first)
    with pytest.raises(NotAllowed, match="nor to whom they stand in for"):
        await gives(world, CO, PRINCIPAL)
    if first:
        await gives(world, CO, PRINCIPAL, ends_on=on(world, first - 1))
    await gives(world, SUPER, PRINCIPAL, OFFICER)


async def test_nor_through_a_deputy_who_is_away_too(world: World) -> None:
    await away(world, PRINCIPAL, VICE)
    await away(world, VICE, CO, 2)
    with pytest.raises(NotAllowed, match="nor to whom they stand in for"):
        await gives(world, CO, PRINCIPAL)


async def test_nobody_ends_the_office_of_whom_they_stand_in_for_by_another_right(world: World) -> None:
    await away(world, SUPER, CO, 2)
    emergency: dict[str, Any] = {"at_once": True}
    for more in (emergency, {}):
        with pytest.raises(NotAllowed, match=f"steward absence deputy {SUPER}"):
            await ends(world, CO, SUPER, **more)
    await acts(world, "change-a-deputy", CO, person=mail(SUPER), deputy=mail(VICE))
    await ends(world, CO, SUPER, at_once=True)


async def test_nobody_makes_a_deputy_of_whom_they_stand_in_for(world: World) -> None:
    await away(world, PRINCIPAL, CO, 2, 3)
    noted: dict[str, Any] = {"person": mail(SUPER), "deputy": mail(PRINCIPAL)}
    with pytest.raises(NotAllowed, match="nor whom they stand in for"):
        await acts(world, "note-an-absence", CO, **noted, starts_on=on(world, 0), ends_on=on(world, 2))
    await acts(world, "note-an-absence", CO, **noted, starts_on=on(world, 5), ends_on=on(world, 6))


async def test_no_default_leads_to_an_office_that_has_no_such_deputy(world: World) -> None:
    """A principal is Superintendent too: on leave, the Communications Officer was both by default."""
    own: dict[str, Any] = {"starts_on": on(world, 0), "ends_on": on(world, 3)}
    await gives(world, SUPER, OTHER_PRINCIPAL)
    with pytest.raises(BadInput, match="name somebody with --deputy"):
        await acts(world, "note-an-absence", OTHER_PRINCIPAL, person=mail(OTHER_PRINCIPAL), **own)
    await acts(world, "note-an-absence", SUPER, person=mail(SUPER), deputy=mail(PRINCIPAL), **own)
    with pytest.raises(BadInput, match="name somebody with --deputy"):  # they stand in for one
        await acts(world, "note-an-absence", PRINCIPAL, person=mail(PRINCIPAL), **own)
    await gives(world, SUPER, VICE, OFFICER)
    await acts(world, "note-an-absence", VICE, person=mail(VICE), **own)
    assert [row["deputy_id"] for row in await world.rows("absence")] == [PRINCIPAL, CO]


async def test_nobody_merges_a_record_into_that_of_whom_they_stand_in_for(world: World) -> None:
    """The Superintendent's office would have gone to the one whose deputy merged them."""
    await away(world, PRINCIPAL, CO)
    for person, into in ((SUPER, PRINCIPAL), (PRINCIPAL, SUPER)):
        with pytest.raises(BadInput, match="who stands in for them"):
            await acts(world, "merge-two-records", CO, person=mail(person), into=mail(into), reason=WHY)
    assert await held(world, SUPER, on(world, 0)) == {CHIEF}


async def test_a_deputy_designates_neither_themselves_nor_whom_they_stand_in_for(world: World) -> None:
    await away(world, SUPER, VICE)
    for whom in (VICE, SUPER):
        with pytest.raises(NotAllowed, match="designates neither themselves"):
            await acts(world, "designate-an-administrator", VICE, person=mail(whom))
    await acts(world, "designate-an-administrator", VICE, person=mail(TEACHER))
    await acts(world, "designate-an-administrator", SUPER, person=mail(SUPER))


async def test_where_nobody_gives_offices_a_deputy_does_not_gain_either(world: World) -> None:
    """At the machine's terminal, where the last ones are gone."""
    await away(world, PRINCIPAL, TEACHER)
    await world.put(a_person(SECOND))
    for person in (CO, SUPER):
        await gone(world, person)
    for whom in (TEACHER, PRINCIPAL):
        with pytest.raises(NotAllowed, match="nor to whom they stand in for"):
            await gives(world, TEACHER, whom)
    await gives(world, TEACHER, SECOND)
    with pytest.raises(NotAllowed, match="gives an office"):  # somebody holds one again
        await gives(world, TEACHER, VICE)


async def gone(world: World, person: int) -> None:
    await leaves(world, person)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_an_end_at_once_ends_each_term(world: World, order: tuple[int, int]) -> None:
    """Who was dismissed came back by themselves with the next term; or only that one ended."""
    spans = [{"ends_on": on(world, 30)}, {"starts_on": on(world, 50)}]
    for one in order:
        await gives(world, SUPER, VICE, OFFICER, **spans[one])
    said = await ends(world, SUPER, VICE, OFFICER, at_once=True)
    assert said.says == (
        "Given7 Sample7 is no longer Communications Officer, from this moment. "
        f"What was to begin on {on(world, 50)} does not begin."
    )
    for day in (0, 30, 50, 400):
        assert await held(world, VICE, on(world, day)) == set()
    ended = [row for row in await world.rows("audit_entry") if row["cause"] == "office ended"]
    assert len({row["body"]["role"] for row in ended}) == 2
    assert await told(world, "office_ended") == {VICE, CO}
    with pytest.raises(BadInput, match="nothing to end"):
        await ends(world, SUPER, VICE, OFFICER, at_once=True)
    await gives(world, SUPER, VICE, OFFICER, starts_on=on(world, 50))


async def test_what_is_still_to_come_is_ended_at_once(world: World) -> None:
    await gives(world, SUPER, VICE, OFFICER, starts_on=on(world, 50))
    said = await ends(world, SUPER, VICE, OFFICER, at_once=True)
    assert said.says == "Given7 Sample7 does not become Communications Officer."
    assert await held(world, VICE, on(world, 60)) == set()


@pytest.mark.parametrize(("last", "left"), [(20, 20), (40, 30), (60, 60)])
async def test_an_announced_end_is_one_of_the_terms_after_it_too(world: World, last: int, left: int) -> None:
    await gives(world, SUPER, VICE, OFFICER, ends_on=on(world, 30))
    await gives(world, SUPER, VICE, OFFICER, starts_on=on(world, 50))
    said = await ends(world, SUPER, VICE, OFFICER, last_day=on(world, last))
    dropped = f" What was to begin on {on(world, 50)} does not begin." if last < 50 else ""
    assert said.says == f"Given7 Sample7 is Communications Officer through {on(world, left)}.{dropped}"
    assert await held(world, VICE, on(world, left)) == {OFFICER}
    assert await held(world, VICE, on(world, left + 1)) == set()
    assert await held(world, VICE, on(world, 61)) == set()
    (letter,) = [row for row in await world.rows("notice") if row["kind"] == "office_ends"]
    assert letter["facts"]["ends_on"] == on(world, left).isoformat()
    with pytest.raises(AlreadyDone):
        await ends(world, SUPER, VICE, OFFICER, last_day=on(world, 70))


async def test_a_designation_ended_at_once_leaves_none(world: World) -> None:
    """The one for a single account stayed, and the one to come; the receipt said that it was over."""
    await one_that_hangs(world)
    for more in ({"ends_on": on(world, 30)}, {"account": 1}, {"starts_on": on(world, 50)}):
        await acts(world, "designate-an-administrator", SUPER, person=mail(TEACHER), **more)
    said = await undesignated(world, at_once=True)
    assert said.says == (
        "Given4 Sample4 is not designated from this moment; the accesses that hang on it end too. "
        f"What was to begin on {on(world, 50)} does not begin."
    )
    assert await designated(world) == []
    assert (await world.accesses())[TEACHER] is AccessState.REVOKED


async def test_a_designation_for_one_account_says_what_is_left(world: World) -> None:
    await one_that_hangs(world)
    for more in ({}, {"account": 1}):
        await acts(world, "designate-an-administrator", SUPER, person=mail(TEACHER), **more)
    said = await undesignated(world, at_once=True, account=1)
    assert said.says == (
        "The designation of Given4 Sample4 for account 1 alone counts no more from this moment. "
        f"They still are for all such accounts from {on(world, 0)} on: leave the account out to end that too."
    )
    assert (await world.accesses())[TEACHER] is AccessState.GRANTED
    await undesignated(world)
    assert await designated(world) == [last_day(world)]


async def test_an_access_whose_end_was_announced_ends_at_once_too(world: World) -> None:
    """First announced, then an emergency: the access stayed through its last day."""
    await one_that_hangs(world)
    await acts(world, "designate-an-administrator", SUPER, person=mail(TEACHER), account=1)
    await undesignated(world, account=1)
    await world.drain()
    assert {row["ends_on"] for row in await world.rows("access") if row["person_id"] == TEACHER} == {
        last_day(world)
    }
    said = await undesignated(world, account=1, at_once=True)
    assert said.says.endswith("for account 1 from this moment; the access ends too.")
    assert (await world.accesses())[TEACHER] is AccessState.REVOKED


async def one_that_hangs(world: World) -> None:
    """An account of the division; a teacher's access to it hangs on what designates them."""
    await world.put(
        an_account(1, level="division", school_id=None, custody=CustodyMode.PERSONAL_ADMINISTRATORS),
        an_access(1, CO),
        an_access(1, TEACHER),
        an_acceptance(1, CO),
        an_acceptance(1, TEACHER),
    )


async def undesignated(world: World, **more: Any) -> Receipt:
    return await acts(world, "end-a-designation", SUPER, person=mail(TEACHER), reason=WHY, **more)


async def designated(world: World) -> list[date | None]:
    """The last days of those that stand or are to come."""
    rows = await world.rows("designation")
    return [row["ends_on"] for row in rows if row["ends_on"] is None or row["ends_on"] >= on(world, 0)]


def last_day(world: World) -> date:
    found: date = first_that_may_be_given(world.policy, on(world, 0))
    return found


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_each_end_says_when_nobody_gives_offices_any_more(
    world: World, order: tuple[int, int, int]
) -> None:
    """Each looked at the day after its own: whoever did not end last, said nothing."""
    await world.put(a_person(SECOND), a_role(SECOND, OFFICER, school=None))
    announced = [(SUPER, CHIEF, 90), (SECOND, OFFICER, 60), (CO, OFFICER, 59)]
    for number in order:
        whose, office, last = announced[number]
        said = await ends(world, SUPER, whose, office, last_day=on(world, last))
    alone = f"From {on(world, 91)} on nobody gives offices: give one of those that do to somebody before."
    assert said.says.endswith(alone)
    said = await gives(world, SUPER, VICE, OFFICER, ends_on=on(world, 120))
    assert said.says.endswith(alone.replace(str(on(world, 91)), str(on(world, 121))))
    said = await gives(world, SUPER, TEACHER, RoleKind.IT_OPERATOR)
    assert "nobody" not in said.says
    said = await gives(world, SUPER, TEACHER, OFFICER, starts_on=on(world, 121))
    assert "nobody" not in said.says


async def test_who_counts_as_left_gives_none_then(world: World) -> None:
    await leaves_after(world, SUPER, on(world, 20))
    said = await ends(world, SUPER, CO, OFFICER, last_day=on(world, 30))
    assert said.says.endswith(
        f"From {on(world, 31)} on nobody gives offices: give one of those that do to somebody before."
    )
    said = await gives(world, CO, VICE, OFFICER, starts_on=on(world, 40), ends_on=on(world, 50))
    assert f"From {on(world, 31)} on nobody gives offices" in said.says


async def leaves_after(world: World, person: int, day: date) -> None:
    async with world.store.write() as session:
        await session.exec(update(Person).where(col(Person.id) == person).values(leaves_on=day))


async def test_two_who_dismiss_each_other_at_once_leave_one(world: World) -> None:
    made = await asyncio.gather(
        ends(world, SUPER, CO, OFFICER, at_once=True),
        ends(world, CO, SUPER, CHIEF, at_once=True),
        return_exceptions=True,
    )
    (lost,) = [one for one in made if isinstance(one, BaseException)]
    assert isinstance(lost, NotAllowed), repr(lost)
    today = on(world, 0)
    assert len(await held(world, CO, today) | await held(world, SUPER, today)) == 1


async def test_of_a_gift_and_an_absence_at_once_one_is_refused(world: World) -> None:
    """Who gives a principal an office and is their deputy from the same moment: in either order."""
    noted = {"person": mail(OTHER_PRINCIPAL), "starts_on": on(world, 0), "ends_on": on(world, 3)}
    made = await asyncio.gather(
        gives(world, CO, OTHER_PRINCIPAL),
        acts(world, "note-an-absence", OTHER_PRINCIPAL, **noted),
        return_exceptions=True,
    )
    (lost,) = [one for one in made if isinstance(one, BaseException)]
    assert isinstance(lost, StewardError), repr(lost)


async def test_who_was_dismissed_deputizes_for_nobody(world: World) -> None:
    """They deputized for both who were away, and gave an office as one of them; only the receipt said so."""
    await world.put(a_person(SECOND), a_role(SECOND, OFFICER, school=None))
    for person in (CO, SUPER):
        await away(world, person, PRINCIPAL)
    school = "Sample School 1"
    said = await ends(world, SECOND, PRINCIPAL, RoleKind.SCHOOL_ADMINISTRATOR, school=school, at_once=True)
    assert said.says == (
        "Given3 Sample3 is no longer school administrator, from this moment. Nobody is school administrator "
        "there now. Nobody deputizes any more for Given1 Sample1, Given2 Sample2: "
        "name somebody with `steward absence deputy`."
    )
    with pytest.raises(NotAllowed, match="gives an office"):
        await gives(world, PRINCIPAL, VICE)
    letters = [row for row in await world.rows("notice") if row["kind"] == "deputy_left"]
    for absent in (CO, SUPER):
        readers = {row["person_id"] for row in letters if row["subject_id"] == absent}
        assert {absent, SECOND} <= readers
    assert {row["facts"]["dismissed"] for row in letters} == {True}
    own = [row["facts"] for row in await world.rows("notice") if row["person_id"] == PRINCIPAL]
    assert [one["person_ids"] for one in own if one.get("what") == "deputy no longer"] == [[CO], [SUPER]]
    async with world.store.read() as session:
        listed = await list_absences(session, on(world, 0))
        mine = await own_absences(session, SUPER, on(world, 0))
        held_today = await holders(session, RoleAt(CHIEF), on(world, 0))
    assert [(one.person, one.deputy, one.deputy_name) for one in listed] == [
        (CO, None, ""),
        (SUPER, None, ""),
    ]
    assert [one.deputy for one in mine] == [""]
    assert held_today == (Holder(SUPER),), "the office stays theirs, and they are asked"

    await acts(world, "change-a-deputy", SECOND, person=mail(CO), deputy=mail(VICE))
    await acts(world, "end-an-absence", SUPER, person=mail(SUPER))
    assert [row["deputy_id"] for row in await world.rows("absence")] == [VICE, None]


async def test_that_nobody_deputizes_any_more_is_told_while_it_is_so(world: World) -> None:
    """The letter hangs on an absence that has no deputy."""
    await away(world, SUPER, PRINCIPAL)
    await ends(world, CO, PRINCIPAL, RoleKind.SCHOOL_ADMINISTRATOR, school="Sample School 1", at_once=True)
    facts = DeputyLeft(until=on(world, 9), dismissed=True)
    assert await stale(world, facts) is None
    await acts(world, "change-a-deputy", CO, person=mail(SUPER), deputy=mail(VICE))
    assert await stale(world, facts) == "there is a deputy"


async def stale(world: World, facts: DeputyLeft) -> str | None:
    async with world.store.read() as session:
        letters = await session.exec(
            select(Notice).where(col(Notice.kind) == facts.kind, col(Notice.subject_id) == SUPER)
        )
        found = letters.all()
        rows = await load(session, found, world.now.astimezone(world.policy.zone).date())
    return facts.stale(NoticeContext(found[0], rows, world.policy, world.now))


async def test_an_office_that_a_roster_gave_says_how_it_comes_back(world: World) -> None:
    await world.put(a_role(VICE, source="roster"))
    school = {"office": RoleKind.SCHOOL_ADMINISTRATOR, "school": "Sample School 1"}
    said = await ends(world, CO, VICE, at_once=True, **school)
    assert said.says.endswith("have it taken out there too. It comes back only with a new first day.")
    said = await ends(world, CO, PRINCIPAL, at_once=True, **school)
    assert "roster" not in said.says


async def test_what_never_began_stands_in_the_way_of_nothing(world: World) -> None:
    """Ended before its first day, and then given from a day that is past."""
    past, to_come = {"starts_on": on(world, -9)}, {"starts_on": on(world, 50)}
    await gives(world, SUPER, VICE, OFFICER, **to_come)
    await ends(world, SUPER, VICE, OFFICER, at_once=True)
    await gives(world, SUPER, VICE, OFFICER, **past)
    await acts(world, "designate-an-administrator", SUPER, person=mail(TEACHER), **to_come)
    await undesignated(world, at_once=True)
    await acts(world, "designate-an-administrator", SUPER, person=mail(TEACHER), **past)
    for days in ({**to_come, "ends_on": on(world, 51)}, {**past, "ends_on": on(world, 1)}):
        await acts(world, "note-an-absence", SUPER, person=mail(SUPER), deputy=mail(VICE), **days)
        await acts(world, "end-an-absence", SUPER, person=mail(SUPER))


async def test_an_end_at_once_says_what_is_left_with_nobody(world: World) -> None:
    await live(world)
    school = {"office": RoleKind.SCHOOL_ADMINISTRATOR, "school": "Sample School 1"}
    said = (await ends(world, CO, PRINCIPAL, at_once=True, **school)).says
    assert "Nobody is school administrator there now." in said
    assert "Accounts that lack somebody now: 1;" in said
    asked = [one for one in await world.rows("action_item") if one["kind"] is ItemKind.MEND_FINDING]
    assert [one["state"] for one in asked] == ["open"], "and somebody is asked at once"


async def test_a_merge_says_which_accounts_it_leaves_with_nobody(world: World) -> None:
    await live(world)
    merge = {"person": mail(PRINCIPAL), "into": mail(VICE), "reason": "One badge.", "dry_run": True}
    said = await acts(world, "merge-two-records", CO, **merge)
    assert "Accounts that lack somebody now: 1;" in said.says

"""Two records of one person are merged: everything is the one's that stays, and files find it by either."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from deployments.sample.words import Guideline, RoleKind
from schemas.accounts import Access
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotAllowed
from schemas.evidence import ListReview
from schemas.people import Person
from schemas.states import AccessState, AccountState
from schemas.words import Via
from tasks.people.forgetting import ForgetForm, forget_person
from tasks.people.merging import MergeForm, merge_people
from tasks.people.roster import RosterForm, import_roster
from tasks.store import lookup, verifying
from tests.factories.division import a_check_in, a_completion, a_receipt, a_role, an_access
from tests.roster.roster_bundles import bundle11, folder, user11
from tests.support.stages import leaves, live
from tests.support.world import CO, PRINCIPAL, TEACHER, VICE, World, mail

#: The teacher is there twice: as 4, who stays, and as 7.
KEPT, OTHER = TEACHER, VICE


async def merge(world: World, **more: Any) -> str:
    given = {"actor": mail(CO), "person": str(OTHER), "into": str(KEPT), "reason": "One badge, two records."}
    form = MergeForm.model_validate({**given, **more})
    return (await merge_people(world.store, world.policy, form, via=Via.COMMAND, now=world.now)).says


async def lived(world: World) -> None:
    """A live account of the one, and everything that the other record did."""
    await live(world)
    day = world.now.date()
    await world.put(
        a_role(OTHER, RoleKind.IT_OPERATOR, school=None),
        a_completion(OTHER, day - timedelta(days=20)),
        a_check_in(1, day, OTHER),
        ListReview(account_id=1, reviewed_at=world.now, reviewed_by_id=OTHER, recorded_via=Via.COMMAND),
    )
    await world.submit(
        actor=mail(OTHER), handle="@lakeside.second", administrators=[mail(OTHER), mail(PRINCIPAL)]
    )


async def test_everything_goes_to_the_one_that_stays(world: World) -> None:
    await lived(world)
    said = await merge(world)
    assert "No office moves: what person 7 alone held ends (IT operator)." in said
    assert "can't be undone" in said

    everybody = await world.rows("person")
    other = next(one for one in everybody if one["id"] == OTHER)
    assert (other["active"], other["source_id"], other["email"]) == (False, None, "merged-7@steward.invalid")
    for table in ("role", "completion", "check_in", "access", "guideline_receipt", "acceptance"):
        assert OTHER not in {one["person_id"] for one in await world.rows(table)}, table
    assert {one["reviewed_by_id"] for one in await world.rows("list_review")} == {KEPT}
    asked = (await world.rows("account_request"))[-1]
    assert asked["requester_id"] == KEPT
    assert asked["wish"]["administrators"] == [KEPT, PRINCIPAL]
    assert OTHER not in {
        one["person_id"] for one in await world.rows("action_item") if one["state"] == "open"
    }
    entry = next(
        one for one in await world.rows("audit_entry") if one["cause"] == "records of one person merged"
    )
    assert (entry["subject_id"], entry["body"]["merged"]) == (KEPT, OTHER)
    await verifying.verify(world.store)
    await world.drain()
    assert await world.account(1) is AccountState.LIVE


SOON, LATER = date(2026, 11, 6), date(2026, 11, 20)


@pytest.mark.parametrize(
    ("kept", "other", "stays"),
    [(SOON, None, None), (SOON, LATER, LATER), (LATER, SOON, LATER), (None, SOON, None)],
)
async def test_whom_a_roster_has_under_either_record_is_not_missing(
    world: World, kept: date | None, other: date | None, stays: date | None
) -> None:
    async with world.store.write() as session:
        for number, day in ((KEPT, kept), (OTHER, other)):
            missing = update(table_of(Person)).where(table_of(Person).c.id == number)
            await session.run(missing.values(leaves_on=day))
    await merge(world)
    assert {one["id"]: one["leaves_on"] for one in await world.rows("person")}[KEPT] == stays


async def test_either_key_finds_them(world: World) -> None:
    await merge(world)
    async with world.store.read() as session:
        for known_as in (mail(OTHER), str(OTHER), mail(KEPT), str(KEPT)):
            assert (await lookup.person(session, known_as)).id == KEPT
    with pytest.raises(AlreadyDone, match="one person already: person 4"):
        await merge(world)


async def test_a_try_changes_nothing(world: World) -> None:
    await lived(world)
    before = await world.everything()
    said = await merge(world, dry_run=True)
    assert "Nothing was kept" in said
    assert "No office moves: what person 7 alone held ends (IT operator)." in said
    assert await world.everything() == before


@pytest.mark.parametrize(
    ("mine", "theirs", "becomes"),
    [
        (AccessState.GRANTED, AccessState.GRANTED, AccessState.GRANTED),
        (AccessState.REVOKED, AccessState.GRANTED, AccessState.GRANTED),
        (AccessState.WAITING, AccessState.REVOKED, AccessState.GRANTED),
        (AccessState.GRANTED, AccessState.WAITING, AccessState.GRANTED),
    ],
)
async def test_where_both_have_access_the_one_that_stays_has_it(
    world: World, mine: AccessState, theirs: AccessState, becomes: AccessState
) -> None:
    await live(world)
    async with world.store.write() as session:
        await session.run(
            update(table_of(Access)).where(table_of(Access).c.person_id == KEPT).values(state=mine)
        )
    await world.put(an_access(1, OTHER, state=theirs))
    await merge(world)
    states = await world.accesses()
    assert states[OTHER] is AccessState.REVOKED
    await world.drain()
    assert (await world.accesses())[KEPT] is becomes
    assert await world.account(1) is AccountState.LIVE
    await verifying.verify(world.store)


async def test_what_one_record_read_counts_and_what_both_did_is_there_once(world: World) -> None:
    day = date(2026, 9, 1)
    await world.put(
        a_completion(KEPT, day),
        a_completion(OTHER, day),
        a_receipt(KEPT, Guideline.SOCIAL_MEDIA, acknowledged_at=None, recorded_via=None),
        a_receipt(OTHER, Guideline.SOCIAL_MEDIA),
    )
    await merge(world)
    mine = [one for one in await world.rows("guideline_receipt") if one["person_id"] == KEPT]
    assert [one["acknowledged_at"] is not None for one in mine] == [True]
    assert [one["completed_on"] for one in await world.rows("completion") if one["person_id"] == KEPT] == [
        day
    ]


async def roster(world: World, tmp: Any, *users: Any) -> Any:
    path = folder(tmp, bundle11(*users))
    form = RosterForm.model_validate({"actor": mail(CO), "path": path, "allow_mass_deactivation": True})
    return await import_roster(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


@pytest.mark.parametrize("rows", ["both", "the other one only", "the one that stays only"])
async def test_the_next_roster_does_not_make_the_other_again(
    world: World, tmp_path_factory: pytest.TempPathFactory, rows: str
) -> None:
    def new_path() -> Path:
        return tmp_path_factory.mktemp("r") / "bundle"

    operator = {"sourcedId": "co", "email": mail(CO), "givenName": "Given1", "familyName": "Sample1"}
    one = user11(2, "administrator", sourcedId="a", email="first@example.org")
    two = user11(2, "administrator", "s2", sourcedId="b", email="second@example.org", familyName="Married")
    await roster(world, new_path(), user11(1, **operator), one, two)
    ids = {row["source_id"]: row["id"] for row in await world.rows("person")}
    await merge(world, actor=mail(CO), person=str(ids["b"]), into=str(ids["a"]))
    people = len(await world.rows("person"))
    given = {"both": [one, two], "the other one only": [two], "the one that stays only": [one]}[rows]
    found = await roster(world, new_path(), user11(1, **operator), *given)
    assert found.difference.new_people == ()
    assert len(await world.rows("person")) == people
    async with world.store.read() as session:
        kept = await session.get_one(Person, ids["a"])
        assert kept.active
        assert (await lookup.person(session, "second@example.org")).id == ids["a"]
        assert (await session.get_one(Person, ids["b"])).active is False
    again = await roster(world, new_path(), user11(1, **operator), *given)
    assert again.difference.count == 0


async def test_a_merged_record_is_forgotten_with_the_one_that_stayed(world: World) -> None:
    await merge(world)
    await leaves(world, KEPT)
    form = ForgetForm.model_validate({"actor": mail(CO), "person": str(KEPT), "reason": "They asked."})
    await forget_person(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    every = str(await world.everything())
    assert [one for one in (mail(KEPT), mail(OTHER), f"Given{KEPT}", f"Given{OTHER}") if one in every] == []


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"person": mail(KEPT), "into": mail(KEPT)}, BadInput),
        ({"person": str(CO)}, BadInput),
        ({"actor": mail(PRINCIPAL)}, NotAllowed),
    ],
)
async def test_what_is_refused_changes_nothing(world: World, more: Any, error: type[Exception]) -> None:
    before = await world.everything()
    with pytest.raises(error):
        await merge(world, **more)
    assert await world.everything() == before


async def test_who_is_here_is_not_merged_into_who_left(world: World) -> None:
    await leaves(world, KEPT)
    with pytest.raises(BadInput, match="merge into the one who is here"):
        await merge(world)

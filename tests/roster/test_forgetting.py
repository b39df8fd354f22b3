"""A person who left is forgotten: names, addresses and ids go from every table, and the chain verifies."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from policy.identity import forgotten_key
from policy.model.process import Retention
from schemas.errors import NotNow, Unknown
from schemas.notices import NoticeState
from schemas.people import Absence
from schemas.words import Via
from tasks.files.own_key import own_secret
from tasks.people.forgetting import ForgetForm, forget_person
from tasks.people.lifecycle import LIFECYCLE
from tasks.people.returning import ReturnOfPersonForm, person_returns
from tasks.store import verifying
from tasks.training.import_completions import TrainingImportForm, import_training
from tests.factories.division import a_person, a_role
from tests.roster.traces import FAMILY, GIVEN, NAME, ROSTER_ID, TRACES, gone, named, traces_everywhere
from tests.support.stages import leaves, live
from tests.support.world import CO, DEPUTY, TEACHER, World, mail
from tests.training.training_people import report


async def forget(world: World, **more: Any) -> str:
    given = {"actor": mail(CO), "person": str(TEACHER), "reason": f"{NAME} asked for it.", **more}
    form = ForgetForm.model_validate(given)
    done = await forget_person(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    return done.says


async def held(world: World) -> list[tuple[str, str]]:
    """Every row of a table that still holds a trace."""
    return [
        (table, row)
        for table, rows in (await world.everything()).items()
        for row in rows
        if any(one in row.casefold() for one in TRACES)
    ]


async def test_no_column_of_any_table_holds_them_and_the_chain_verifies(world: World) -> None:
    await traces_everywhere(world)
    before = {table for table, _ in await held(world)}
    assert before >= {
        "person", "account_request", "unmatched_row", "same_person", "also_known", "remembered", "finding",
        "suspension", "rotation", "page_check", "notice", "account_change", "enquiry",
        "correction",
    }  # fmt: skip
    await gone(world)
    head = (await verifying.verify(world.store)).seq
    texts = await world.rows("audit_entry")
    said = await forget(world)

    assert await held(world) == []
    assert await world.rows("contact_report") == []
    assert "can't be undone" in said
    assert (await verifying.verify(world.store)).seq == head + 1
    assert (await world.rows("audit_entry"))[:-1] == texts
    person = next(one for one in await world.rows("person") if one["id"] == TEACHER)
    assert (person["given_name"], person["family_name"]) == ("A person", "who was forgotten")
    assert (person["source_id"], person["position"], person["school_id"], person["supervisor_id"]) == (
        None, "", None, None
    )  # fmt: skip
    assert person["forgotten_for"] == "a person who was forgotten asked for it."
    reasons = [one["reason"] for one in await world.rows("account_change")]
    assert "She is ill." not in reasons
    assert [one["void_reason"] for one in await world.rows("completion") if one["voided_at"]] == [""]
    (request,) = await world.rows("account_request")
    told = f"a person who was forgotten told forgotten-{TEACHER}@steward.invalid about it."
    assert request["reasons"] == [told]
    parked = [one["state"] for one in await world.rows("notice") if one["key"] == "any/person:4"]
    assert parked == [NoticeState.DEAD]
    with pytest.raises(Unknown, match="was forgotten"):
        await forget(world)


async def test_a_later_report_passes_them_over_and_no_stranger_can_try_addresses(
    world: World, tmp_path: Path
) -> None:
    await named(world)
    await gone(world)
    await forget(world)
    file = tmp_path / "report.csv"
    file.write_bytes(report((NAME, mail(TEACHER).upper(), "2026-09-14 13:05:09")))
    form = TrainingImportForm.model_validate({"actor": mail(CO), "file": file})
    done = await import_training(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    assert (done.new, done.unmatched, await world.rows("unmatched_row")) == (0, 0, [])
    (kept,) = [one["forgotten_key"] for one in await world.rows("person") if one["id"] == TEACHER]
    guessed = {forgotten_key(mail(TEACHER), secret) for secret in (b"", own_secret(tmp_path, "forgotten"))}
    assert kept not in guessed, "who has the store and not the key learns nothing"


async def test_a_try_changes_nothing(world: World) -> None:
    await traces_everywhere(world)
    await gone(world)
    before = await world.everything()
    assert "Nothing was kept" in await forget(world, dry_run=True)
    assert await world.everything() == before


async def test_the_name_of_somebody_who_has_it_too_stays_where_it_stands(world: World) -> None:
    await traces_everywhere(world)
    await world.put(a_person(88, given_name=GIVEN, family_name=FAMILY))
    await gone(world)
    await forget(world)
    assert [row for _, row in await held(world) if mail(TEACHER) in row or ROSTER_ID in row] == []
    assert {table for table, _ in await held(world)} >= {"person", "finding"}


async def has_an_office(world: World) -> None:
    await world.put(a_role(TEACHER, school=1, starts_on=world.now.date() + timedelta(days=30)))


async def deputizes(world: World) -> None:
    today = world.now.date()
    await world.put(Absence(person_id=CO, deputy_id=TEACHER, starts_on=today, ends_on=today))


async def asks(world: World) -> None:
    await world.submit()


@pytest.mark.parametrize(
    ("holds", "left", "said"),
    [
        (None, False, "they are here, and the next roster"),
        (live, True, "they have granted access to account 1"),
        (has_an_office, True, "they hold an office (school administrator)"),
        (deputizes, True, "they deputize for somebody"),
        (asks, True, "their request 1 is open"),
    ],
)
async def test_who_holds_something_is_not_forgotten(
    world: World, holds: Callable[[World], Awaitable[Any]] | None, left: bool, said: str
) -> None:
    if holds is not None:
        await holds(world)
    if left:
        await leaves(world, TEACHER)
    before = await world.everything()
    with pytest.raises(NotNow) as refused:
        await forget(world)
    assert said in str(refused.value)
    assert await world.everything() == before


async def a_night(world: World, **span: int) -> list[tuple[str, int]]:
    """A later night, as the sweep brings retention on; the letters so far."""
    world.later(**span)
    for stage in LIFECYCLE.stages:
        await world.bring_on(stage)
    return [one for one in await world.told() if one[0] == "people_to_forget"]


def with_retention(world: World, days: int | None) -> None:
    terms = None if days is None else Retention(forgotten_days_after_leaving=days, announced_days_before=30)
    world.policy = world.policy.model_copy(update={"retention": terms})


async def test_who_left_long_ago_is_announced_first_and_forgotten_on_the_day(world: World) -> None:
    with_retention(world, 100)
    await named(world)
    await gone(world)
    assert await a_night(world, days=69) == []
    assert await a_night(world, days=1) == [("people_to_forget", CO)]
    (person,) = [one for one in await world.rows("person") if one["id"] == TEACHER]
    assert person["forget_on"] == date(2026, 10, 20) + timedelta(days=100)
    assert await a_night(world, days=29) == [("people_to_forget", CO)]
    assert await held(world) != []
    await a_night(world, days=1)
    assert await held(world) == []
    entry = (await world.rows("audit_entry"))[-1]
    assert (entry["cause"], entry["actor_id"], entry["subject_id"]) == ("person forgotten", None, TEACHER)
    await verifying.verify(world.store)


async def test_a_late_start_gives_the_time_of_the_announcement_all_the_same(world: World) -> None:
    with_retention(world, 100)
    await named(world)
    await gone(world)
    assert await a_night(world, days=900) == [("people_to_forget", CO)]
    await a_night(world, days=29)
    assert await held(world) != []
    await a_night(world, days=1)
    assert await held(world) == []


async def test_who_is_back_is_not_forgotten(world: World) -> None:
    with_retention(world, 100)
    await named(world)
    await gone(world)
    await a_night(world, days=80)
    form = ReturnOfPersonForm.model_validate({"actor": mail(CO), "person": str(TEACHER)})
    await person_returns(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    await gone(world)  # and leaves again: the time begins anew
    await a_night(world, days=60)
    assert await held(world) != []


async def test_without_a_figure_in_the_policy_nobody_is_forgotten(world: World) -> None:
    with_retention(world, None)
    await named(world)
    await gone(world)
    assert await a_night(world, days=3000) == []
    assert await held(world) != []


async def test_only_who_keeps_the_policy_forgets(world: World) -> None:
    await leaves(world, DEPUTY)
    with pytest.raises(Exception, match="Only the Communications Officer"):
        await forget(world, actor=mail(TEACHER), person=str(DEPUTY))

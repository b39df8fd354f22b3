"""Every refusal of what people hand in: the right one, in a sentence without addresses, and nothing kept."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from schemas.errors import (
    AlreadyDone,
    BadInput,
    MovedMeanwhile,
    NotAllowed,
    NotNow,
    OnlyOthers,
    StewardError,
    StoreUnavailable,
    Unknown,
)
from schemas.people import Person
from schemas.states import RequestState
from tasks.acts import context
from tasks.requests import decide as decisions
from tasks.training import completions
from tests.intake.refusals import (
    NOBODY,
    Try,
    accepts,
    acknowledges,
    attests_profile,
    completes,
    decides,
    reports,
    restores,
    resubmits,
    submits,
    voids,
    withdraws,
)
from tests.support.stages import STAGES, leaves
from tests.support.world import CO, OTHER_PRINCIPAL, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

TODAY = date(2026, 10, 20)
DAY = TODAY - timedelta(days=3)
T = mail(TEACHER)

REFUSED: list[tuple[str, Try, type[StewardError]]] = [
    ("nothing", submits(actor=NOBODY), Unknown),
    ("nothing", submits(school="Canary School"), Unknown),
    ("nothing", submits(administrators=[T, NOBODY]), Unknown),
    ("nothing", resubmits(9), Unknown),
    ("nothing", withdraws(number=9), Unknown),
    ("nothing", decides(number=9), Unknown),
    ("submitted", resubmits(), NotNow),
    ("submitted", decides(), NotNow),
    ("awaiting", resubmits(), NotNow),
    ("awaiting", withdraws(PRINCIPAL), NotAllowed),
    ("awaiting", decides(by=TEACHER), NotAllowed),
    ("awaiting", decides(by=PRINCIPAL), NotAllowed),
    ("awaiting", decides(by=SUPER), NotAllowed),
    ("awaiting", decides(by=CO, actor=NOBODY), Unknown),
    ("awaiting", decides(training_required=False), BadInput),
    ("sent_back_by_steward", resubmits(actor=mail(CO)), NotAllowed),
    ("sent_back_by_steward", resubmits(school="Canary School"), Unknown),
    ("sent_back_by_steward", resubmits(administrators=[NOBODY]), Unknown),
    ("sent_back_by_steward", decides(), MovedMeanwhile),
    ("sent_back_by_communications", decides(), MovedMeanwhile),
    ("declined", decides(), MovedMeanwhile),
    ("declined", withdraws(), NotNow),
    ("declined", resubmits(), NotNow),
    ("withdrawn", decides(), NotNow),
    ("withdrawn", decides(verdict="decline"), NotNow),
    ("withdrawn", withdraws(), NotNow),
    ("withdrawn", resubmits(), NotNow),
    ("not_needed", decides(), NotNow),
    ("not_needed", withdraws(), NotNow),
    ("abandoned", decides(), NotNow),
    ("abandoned", resubmits(), NotNow),
    ("approved", decides(), MovedMeanwhile),
    ("approved", decides(verdict="send back"), MovedMeanwhile),
    ("approved", reports(), NotAllowed),  # their access still waits
    ("approved", reports(by=CO), NotNow),
    ("approved", reports(account=9), Unknown),
    ("approved", accepts(mail(OTHER_PRINCIPAL)), NotAllowed),
    ("approved", accepts(NOBODY), Unknown),
    ("approved", accepts(T, 9), Unknown),
    ("approved", acknowledges(NOBODY), Unknown),
    ("prepared", acknowledges(T), AlreadyDone),
    ("prepared", accepts(T), AlreadyDone),
    ("prepared", reports(by=OTHER_PRINCIPAL), NotAllowed),
    ("prepared", reports(actor=NOBODY), Unknown),
    ("prepared", reports(vault_reference=""), BadInput),
    ("prepared", reports(privacy_done=()), BadInput),
    ("prepared", reports(privacy_done=("no-such-item",)), BadInput),
    ("nothing", attests_profile(mail(CO), T), Unknown),
    ("live", attests_profile(NOBODY, T), Unknown),
    ("live", attests_profile(mail(CO), NOBODY), Unknown),
    ("live", attests_profile(T, T), NotAllowed),
    ("live", attests_profile(mail(PRINCIPAL), T), NotAllowed),
    ("live", attests_profile(mail(CO), T), NotNow),  # a school's
    ("live", reports(), NotNow),
    ("live", withdraws(), NotNow),
    ("live", decides(), MovedMeanwhile),
    ("account_withdrawn", accepts(T), NotAllowed),
    ("account_withdrawn", reports(by=CO), NotNow),
    ("account_withdrawn", withdraws(), NotNow),
    ("nothing", completes(NOBODY, DAY), Unknown),
    ("nothing", completes(T, DAY, NOBODY), Unknown),
    ("nothing", completes(T, DAY, T), NotAllowed),
    ("nothing", completes(T, TODAY + timedelta(days=1)), BadInput),
    ("nothing", completes(T, date(1999, 12, 31)), BadInput),
    ("nothing", voids(T, DAY), Unknown),
    ("nothing", voids(NOBODY, DAY), Unknown),
    ("completed", completes(T, DAY), AlreadyDone),
    ("completed", voids(T, DAY, T), NotAllowed),
    ("completed", voids(T, DAY, mail(SUPER)), NotAllowed),
    ("completed", voids(T, DAY - timedelta(days=1)), Unknown),
    ("completed", voids(T, DAY, by=NOBODY), Unknown),
    ("completed", restores(T, DAY), AlreadyDone),
    ("voided", completes(T, DAY), NotNow),
    ("voided", voids(T, DAY), AlreadyDone),
    ("voided", restores(T, DAY, by=T), NotAllowed),
    ("voided", restores(T, DAY, mail(PRINCIPAL)), NotAllowed),
]


def _stages() -> list[tuple[str, list[tuple[Try, type[StewardError]]]]]:
    """By stage, which costs time to reach: a refusal changes nothing, so the next one finds it as it was."""
    return [(stage, [(how, error) for name, how, error in REFUSED if name == stage]) for stage in STAGES]


@pytest.mark.parametrize(("stage", "tried"), _stages(), ids=list(STAGES))
async def test_what_is_refused_leaves_every_table_as_it_was(
    world: World, stage: str, tried: list[tuple[Try, type[StewardError]]]
) -> None:
    await STAGES[stage](world)
    before = await world.everything()
    assert tried, "every stage is tried"
    for number, (attempt, error) in enumerate(tried):
        with pytest.raises(error) as refused:
            await attempt(world)
        assert type(refused.value) in {error, OnlyOthers, *BadInput.__subclasses__()}, f"{stage} {number}"
        assert refused.value.exit_code == 2
        said = str(refused.value)
        assert "@" not in said.replace("@lakeside", "")
        assert "canary" not in said.lower()
        assert "Sample" not in said.replace("Sample School", "")
        assert await world.everything() == before, f"{stage} {number}: {said}"


@pytest.mark.parametrize(
    ("stage", "by", "state"),
    [
        ("approved", CO, "approved"),
        ("declined", CO, "declined"),
        ("sent_back_by_communications", CO, "sent back"),
        ("sent_back_by_steward", None, "sent back"),
    ],
)
async def test_who_comes_second_is_told_who_was_first(
    one_world: World, stage: str, by: int | None, state: str
) -> None:
    await STAGES[stage](one_world)
    with pytest.raises(MovedMeanwhile, match=f"'{state}' already") as second:
        await one_world.decide(1, CO, "decline")
    assert second.value.by_id == by
    assert second.value.at == one_world.now
    assert second.value.state is RequestState(state)


async def test_people_who_left_hand_in_and_decide_nothing(one_world: World) -> None:
    world = one_world
    await STAGES["prepared"](world)
    await world.submit(handle="@another")
    await world.drain()
    await leaves(world, TEACHER)
    await leaves(world, CO)
    before = await world.everything()
    for attempt in (
        submits(handle="@third"),
        withdraws(number=2),
        decides(number=2),
        reports(),
        acknowledges(T, "Website Guidelines"),
        accepts(T),
        completes(mail(VICE), DAY, T),
    ):
        with pytest.raises(Unknown, match="has left") as refused:
            await attempt(world)
        assert "@" not in str(refused.value)
        assert "@example.org" in refused.value.shown
        assert await world.everything() == before


async def test_an_approval_that_no_longer_stands_is_refused_with_every_reason(one_world: World) -> None:
    """The principal left between the checking and the decision (5.4)."""
    world = one_world
    await STAGES["awaiting"](world)
    await leaves(world, PRINCIPAL)
    before = await world.everything()
    with pytest.raises(BadInput, match=r"has left.*\(5\.4\)"):
        await world.decide(1, CO)
    assert await world.everything() == before
    await world.decide(1, CO, "send back")
    assert await world.request(1) is RequestState.SENT_BACK


@pytest.mark.parametrize(
    ("stage", "attempt", "module", "last"),
    [
        ("nothing", submits(), context, "apply"),
        ("sent_back_by_steward", resubmits(), context, "apply"),
        ("awaiting", withdraws(), context, "apply"),
        ("awaiting", decides(), decisions, "open_account"),
        ("awaiting", decides(verdict="decline"), decisions, "insert"),
        ("approved", acknowledges(T), context, "apply"),
        ("approved", accepts(T), context, "apply"),
        ("prepared", reports(), context, "apply"),
        ("nothing", completes(T, DAY), completions, "apply"),
        ("completed", voids(T, DAY), context, "apply"),
        ("voided", restores(T, DAY), completions, "apply"),
    ],
)
async def test_a_store_that_fails_at_the_last_step_keeps_nothing(
    world: World, stage: str, attempt: Try, module: object, last: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise StoreUnavailable("The disk is full.")

    await STAGES[stage](world)
    before = await world.everything()
    with monkeypatch.context() as patch:
        patch.setattr(module, last, fails)
        with pytest.raises(StoreUnavailable):
            await attempt(world)
    assert await world.everything() == before
    await attempt(world)
    assert await world.everything() != before


async def test_an_address_is_found_in_whatever_case_and_a_near_one_is_proposed(one_world: World) -> None:
    world = one_world
    await world.submit(actor=" Person6@Example.ORG ")
    with pytest.raises(Unknown) as refused:
        await world.submit(actor="persom6@example.org")
    assert refused.value.shown == (
        "Nobody here has the e-mail address persom6@example.org; did you mean person6@example.org?"
    )
    async with world.store.write() as session:
        await session.exec(update(Person).values(active=True))
    assert "@" not in str(refused.value)

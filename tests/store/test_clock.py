"""Time in the audit chain: it goes back by an act alone; and a moved clock is for rehearsals."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from deployments.local import store_work
from policy.notices.operators import ClockSetRight
from schemas.errors import BadSettings, ChainBroken, ClockWentBack, NotAllowed, NotNow
from schemas.outcome import Subject
from schemas.settings import Settings
from schemas.words import SubjectKind
from tasks import clock, runtime
from tasks.store import Store, audit, rehearsals, verifying
from tasks.store.audit import STEWARD
from tests.commands.act_cases import acted
from tests.support.databases import run_in_own_loop
from tests.support.stages import ran_ahead
from tests.support.world import CO, SUPER, VICE, World


async def note(store: Store, at: datetime) -> None:
    async with store.write() as session:
        rule = Subject(SubjectKind.RULE, 0)
        await audit.append(session, rule, actor=STEWARD, control="", cause="x", now=at)


async def test_nothing_is_written_into_the_past(store: Store, now: datetime) -> None:
    await note(store, now)
    await note(store, now - audit.SLACK)
    with pytest.raises(ClockWentBack, match="`steward audit clock`"):
        await note(store, now - audit.SLACK - timedelta(seconds=1))
    with pytest.raises(ClockWentBack):  # many small steps go no further than one
        await note(store, now - 2 * audit.SLACK)
    assert (await verifying.examine(store)).set_right == ()


async def test_an_entry_of_an_earlier_time_is_found(
    store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its hash is right: only its time gives it away."""
    await note(store, now)
    monkeypatch.setattr(audit, "SLACK", timedelta(days=365))
    await note(store, now - timedelta(days=30))
    with pytest.raises(ChainBroken, match=r"Audit entry 2 is of .* with the clock turned back"):
        await verifying.verify(store)


async def test_a_clock_that_ran_ahead_is_set_right_by_an_office_and_told(world: World) -> None:
    """Afterwards everything goes on, and nothing goes behind that moment either."""
    with pytest.raises(NotNow):
        await acted(world, "set-the-clock-right", CO, reason="Nothing was wrong.")
    await ran_ahead(world)
    with pytest.raises(ClockWentBack):
        await note(world.store, world.now)
    with pytest.raises(NotAllowed):
        await acted(world, "set-the-clock-right", VICE, reason="It ran ahead.")
    await acted(world, "set-the-clock-right", CO, reason="It ran ahead.")
    assert await world.told() == [(ClockSetRight.kind, CO), (ClockSetRight.kind, SUPER)]
    entry = (await world.rows("audit_entry"))[-1]
    assert (entry["cause"], entry["actor_id"]) == (audit.CLOCK_SET_RIGHT, CO)
    assert entry["body"]["first"] == entry["body"]["last"] == entry["seq"] - 1
    with pytest.raises(ClockWentBack):
        await note(world.store, world.now - timedelta(hours=1))
    await world.submit()
    world.later(days=60)  # over the time to which it had run ahead
    await note(world.store, world.now)
    with pytest.raises(ClockWentBack):
        await note(world.store, world.now - timedelta(hours=1))
    assert (await verifying.examine(world.store, batch=2)).set_right == (entry["seq"],)


@pytest.mark.parametrize("made_with", [timedelta(), timedelta(days=-40)], ids=["real", "rehearsal"])
def test_a_moved_clock_counts_in_a_store_that_was_made_with_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made_with: timedelta
) -> None:
    settings = Settings(data_dir=tmp_path)
    monkeypatch.setattr(clock, "offset", lambda: made_with)
    begun = run_in_own_loop(store_work.prepare(settings))
    assert begun.startswith("made as a rehearsal") is bool(made_with)

    async def used() -> None:
        async with runtime.opened(settings):
            pass

    run_in_own_loop(used())
    monkeypatch.setattr(clock, "offset", lambda: timedelta(days=120))
    if made_with:
        run_in_own_loop(used())
        return
    for work in (used, lambda: store_work.prepare(settings)):
        with pytest.raises(BadSettings, match="not made as a rehearsal"):
            run_in_own_loop(work())
    monkeypatch.setattr(clock, "offset", timedelta)
    assert run_in_own_loop(first_cause(settings)) != rehearsals.MADE


async def first_cause(settings: Settings) -> str:
    store = Store.open(settings.store_url)
    async with store.read() as session:
        found = await session.run(text("SELECT cause FROM audit_entry ORDER BY seq LIMIT 1"))
        cause = str(found.scalar_one())
    await store.close()
    return cause


@pytest.mark.parametrize("given", ["tomorrow", "nan", "inf", "1e12", ""])
def test_a_bad_offset_is_said(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv(clock.OFFSET, given)
    clock.offset.cache_clear()
    try:
        with pytest.raises(BadSettings, match=clock.OFFSET):
            clock.now()
    finally:
        clock.offset.cache_clear()

"""The relay: from our event outbox to Prefect. A run for every lifecycle that has something to do.

Called straight after a commit by whoever made it, by the scheduled delivery, and by the sweep. It never
raises for Prefect's sake: what can't be asked for now stays pending, and the next call asks for it.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import update
from sqlmodel import col, select

from schemas.machinery import Event
from schemas.settings import Settings
from tasks.prefect.api import NOT_BEGUN, NoDeployment, PrefectApi, PrefectUnavailable, find
from tasks.store import Store, wakes
from tasks.store.session import Session

log = structlog.get_logger(__name__)

#: Prefect's events get their ids from ours: shown twice, an event is still one.
_NAMESPACE = uuid.UUID("6f1d1a0e-3f0c-4c7b-9d53-0a5d3c2b1e51")
_MOST_EVENTS = 200


async def relay(store: Store, settings: Settings, now: datetime) -> int:
    """Ask Prefect for one run of every lifecycle that has pending wake-ups; how many were asked for.

    0 when there is nothing to ask, or no Prefect. Raises only what the store raises.
    """
    async with store.read() as session:
        wanted = await wakes.wanted(session)
        waited_for = await wakes.asked(session)
        held = await wakes.taken_long_ago(session, now)
        unseen = await _unseen(session)
    if not wanted and not waited_for and not held and not unseen:
        return 0
    address = find(settings)
    if address is None:
        log.info("relay.no_prefect", waiting=sorted(wanted))
        return 0
    asked = 0
    try:
        async with PrefectApi(*address) as api:
            if await _ended_unseen(api, store, waited_for) + await _ended_undone(api, store, held):
                async with store.read() as session:
                    wanted = await wakes.wanted(session)
            for lifecycle, (oldest, newest) in sorted(wanted.items()):
                try:
                    key = await _ask(api, lifecycle, oldest)
                except NoDeployment as error:  # its wake-ups wait; the others' runs do not
                    log.warning("relay.no_deployment", reason=str(error), waiting=[lifecycle])
                    continue
                async with store.write(audited=False) as session:
                    await wakes.mark_asked(session, lifecycle, newest, key, now)
                asked += 1
            await _show(api, store, unseen, now)
    except PrefectUnavailable as error:
        log.warning("relay.prefect_unavailable", reason=str(error), asked=asked, waiting=sorted(wanted))
    return asked


async def _ended_unseen(api: PrefectApi, store: Store, waited_for: Mapping[str, str]) -> int:
    """Give back the wake-ups whose run ended before it took them: killed, cancelled, never begun; how many.

    Asked for once more with its key, Prefect answers with the run from before.
    """
    back = 0
    for lifecycle, key in sorted(waited_for.items()):
        try:
            run = await api.ask_run(lifecycle, key)
        except NoDeployment:
            continue  # said where a run is asked for
        if run.ended:
            async with store.write(audited=False) as session:
                back += await wakes.ask_again(session, lifecycle)
            log.warning("relay.run_lost", lifecycle=lifecycle, run=run.id, state=run.state_name)
    return back


async def _ended_undone(api: PrefectApi, store: Store, held: Sequence[str]) -> int:
    """Give back the wake-ups whose run has ended and was not done with them; how many.

    It failed, as when the database was away: its last words did not reach the store either.
    """
    back = 0
    for run_id in held:
        try:
            uuid.UUID(run_id)
        except ValueError:
            continue  # begun by hand: Prefect does not know it
        run = await api.run(run_id)
        if run.ended:
            async with store.write(audited=False) as session:
                back += await wakes.give_back(session, [run_id])
            log.warning("relay.run_failed", run=run.id, state=run.state_name)
    return back


async def _ask(api: PrefectApi, lifecycle: str, oldest: int) -> str:
    """Ask for one run; the idempotency key that stands for it.

    The key is made of the oldest wake-up that waits: newer ones come while others ask, and that one stays
    until a run takes it, so all who ask at once get one run between them. A wake-up that was given back after
    its run died must not get that dead run again: then the key gets that run as well, for all who ask alike.
    """
    key = f"{lifecycle}:{oldest}"
    run = await api.ask_run(lifecycle, key)
    while run.state_type not in NOT_BEGUN:
        key = f"{lifecycle}:{oldest}:{run.id}"
        run = await api.ask_run(lifecycle, key)
    log.info("relay.asked", lifecycle=lifecycle, run=run.id, wake=oldest)
    return key


async def _unseen(session: Session) -> list[Event]:
    """The oldest events that Prefect was not shown yet."""
    rows = await session.exec(
        select(Event).where(col(Event.shown_at).is_(None)).order_by(col(Event.id)).limit(_MOST_EVENTS)
    )
    return list(rows)


async def _show(api: PrefectApi, store: Store, events: Sequence[Event], now: datetime) -> None:
    """Give the same events to Prefect's feed, for operators to see. Best effort: nothing depends on it."""
    if not events:
        return
    await api.emit([_as_prefect_event(event) for event in events])
    shown = [event.id for event in events]
    async with store.write(audited=False) as session:
        await wakes.turn(session)
        await session.run(
            update(Event).where(col(Event.id).in_(shown), col(Event.shown_at).is_(None)).values(shown_at=now)
        )


def _as_prefect_event(event: Event) -> dict[str, Any]:
    """Kind, subject and time of an event; ids only."""
    at = event.occurred_at.isoformat()
    return {
        "id": str(uuid.uuid5(_NAMESPACE, f"{event.id}/{event.kind}/{at}")),
        "event": event.kind.value,
        "occurred": at,
        "resource": {
            "prefect.resource.id": f"steward.{event.subject_kind}.{event.subject_id}",
            "prefect.resource.name": f"{event.subject_kind} {event.subject_id}",
        },
    }

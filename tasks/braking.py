"""The brake of a night as a stage of a lifecycle: what would begin is found, and somebody is asked first."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from policy.brake import Cause, Found, Night, Steps, looked_for
from schemas.words import BrakeOf
from tasks.cases import Case, Only
from tasks.lifecycles import Stage
from tasks.runtime import Runtime
from tasks.store import brakes
from tasks.store.session import Session

#: What would begin now, held or not, by cause; of one account, or of all.
Find = Callable[[Session, Runtime, datetime, Only | None], Awaitable[Mapping[Cause, Found]]]


def stage(word: str, kinds: tuple[BrakeOf, ...], found: Find, *, only_where_taken: bool = False) -> Stage:
    """The stage that asks about these kinds.

    `only_where_taken`: it happens on school days only, and never in a run for one account. A question
    stands over the other days.
    """

    async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
        """One case where something must be asked, or need not be any more."""
        policy, calendar = runtime.policy, runtime.policy.calendar
        if only_where_taken and (only is not None or not calendar.may_take(calendar.today(now))):
            return ()
        async with runtime.store.read() as session:
            if only is not None and not await found(session, runtime, now, only):
                return ()
            now_found = await found(session, runtime, now, None)
            decided, _ = await brakes.steps(session, now_found, kinds, policy, now)
        return (Case(word, ()),) if decided else ()

    async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
        """Ask, and end what need not wait; a line a question."""
        del case
        policy = runtime.policy
        async with runtime.store.write() as session:
            now_found = await found(session, runtime, now, None)
            decided, night = await brakes.steps(session, now_found, kinds, policy, now)
            return await brakes.carry_out(session, decided, now_found, night, policy, now)

    return Stage(word, due, move)


def at_the_end(word: str, kinds: tuple[BrakeOf, ...], found: Find) -> Stage:
    """The stage that comes last in a run: what was let happen has happened, and its question ends.

    Until the next night, others may be found for the same cause: nobody has let that happen.
    """

    async def happened(session: Session, runtime: Runtime, now: datetime) -> tuple[int, ...]:
        policy = runtime.policy
        today = policy.calendar.today(now)
        released = await brakes.released(session, looked_for(kinds, policy, today))
        left = await found(session, runtime, now, None) if released else {}
        keys = {cause.key for cause, one in left.items() if one.who}
        return tuple(number for number, cause in released if cause not in keys)

    async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
        if only is not None:
            return ()
        async with runtime.store.read() as session:
            return (Case(word, ()),) if await happened(session, runtime, now) else ()

    async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
        del case
        async with runtime.store.write() as session:
            over = Steps(end=await happened(session, runtime, now))
            return await brakes.carry_out(session, over, {}, Night(), runtime.policy, now)

    return Stage(word, due, move)

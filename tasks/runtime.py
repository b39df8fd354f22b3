"""What a run works with: settings, policy and store, opened once and closed at its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from policy.model import Policy
from schemas.settings import Settings
from schemas.settings import load as load_settings
from tasks import clock
from tasks.store import Store, adopted
from tasks.store.rehearsals import refuse_moved_clock


@dataclass(frozen=True)
class Runtime:
    """Settings, the policy that is used, and an open store.

    `kept`: what one stage of a run read and the next one may take, by a name of their own.
    """

    settings: Settings
    policy: Policy
    store: Store
    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


_current: ContextVar[Runtime | None] = ContextVar("steward_runtime", default=None)


@asynccontextmanager
async def opened(settings: Settings | None = None) -> AsyncIterator[Runtime]:
    """Open what the environment says, for this run and every task in it.

    The policy is the one adopted last, with the modes that people set as they count today; the file of the
    settings where there is no store yet.
    Raises BadSettings, also where a moved clock is refused, BadPolicy, StoreUnavailable.
    """
    settings = settings or load_settings()
    store = Store.open(settings.store_url)
    try:
        await refuse_moved_clock(store)
        runtime = Runtime(settings, await adopted.in_use(store, settings.policy_file, clock.now()), store)
        token = _current.set(runtime)
        try:
            yield runtime
        finally:
            _current.reset(token)
    finally:
        await store.close()


def current() -> Runtime:
    """The runtime that `opened()` made for this run."""
    runtime = _current.get()
    if runtime is None:
        raise RuntimeError("tasks run within tasks.runtime.opened()")
    return runtime

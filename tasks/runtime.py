"""What a run works with: settings, policy and store, opened once and closed at its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from policy.model import Policy
from policy.model import load as load_policy
from schemas.settings import Settings
from schemas.settings import load as load_settings
from tasks.store import Store


@dataclass(frozen=True)
class Runtime:
    """Settings, the policy as its file says it, and an open store."""

    settings: Settings
    policy: Policy
    store: Store


_current: ContextVar[Runtime | None] = ContextVar("steward_runtime", default=None)


@asynccontextmanager
async def opened(settings: Settings | None = None) -> AsyncIterator[Runtime]:
    """Open what the environment says, for this run and every task in it.

    Raises BadSettings, BadPolicy; the store connects on first use and may then raise StoreUnavailable.
    """
    settings = settings or load_settings()
    runtime = Runtime(settings, load_policy(settings.policy_file), Store.open(settings.store_url))
    token = _current.set(runtime)
    try:
        yield runtime
    finally:
        _current.reset(token)
        await runtime.store.close()


def current() -> Runtime:
    """The runtime that `opened()` made for this run."""
    runtime = _current.get()
    if runtime is None:
        raise RuntimeError("tasks run within tasks.runtime.opened()")
    return runtime

"""What every request works with: settings, store, the policy of the moment, the clock."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from policy.calendar import Calendar
from policy.model import Policy
from schemas.settings import Settings
from tasks import clock
from tasks.mail.smtp import Post
from tasks.prefect.relay import relay
from tasks.store import Store, adopted

#: How long an adoption elsewhere may go unnoticed here.
_POLICY_IS_GOOD_FOR = timedelta(seconds=5)

_KEPT_RECEIPTS = 500


@dataclass
class Ground:
    """Open for as long as the process serves. `post` carries sign-in letters; None: the settings' server."""

    settings: Settings
    store: Store
    now: Callable[[], datetime] = clock.now
    post: Post | None = None
    relay: Callable[[Store, Settings, datetime], Awaitable[int]] = relay
    _policy: Policy | None = field(default=None, init=False)
    _used: adopted.Used | None = field(default=None, init=False)
    _said: dict[str, str] = field(default_factory=dict, init=False)
    _read_at: datetime | None = field(default=None, init=False)

    def keep_said(self, key: str, says: str) -> None:
        """Keep what a receipt says, for the page that comes next. It may be lost."""
        self._said[key] = says
        if len(self._said) > _KEPT_RECEIPTS:
            self._said.pop(next(iter(self._said)))

    def said(self, key: str) -> str:
        """What a receipt said; empty where it is not kept."""
        return self._said.get(key, "")

    async def policy(self, *, anew: bool = False) -> Policy:
        """The policy in use, at most some seconds old; `anew`: as it is.

        Raises BadPolicy, StoreUnavailable.
        """
        now = clock.wall()
        if self._policy is not None and self._read_at is not None:
            if not anew and now - self._read_at < _POLICY_IS_GOOD_FOR:
                return self._policy
            used = await adopted.used(self.store, self.settings.policy_file)
            if used == self._used:
                today = self._policy.calendar.today(self.now())
                self._policy, self._read_at = self._policy.with_modes(used.modes, today), now
                return self._policy
        self._used = await adopted.used(self.store, self.settings.policy_file)
        self._policy = await adopted.in_use(self.store, self.settings.policy_file, self.now())
        self._read_at = now
        return self._policy

    async def today(self) -> date:
        """The day of the division's zone."""
        return Calendar(await self.policy()).today(self.now())

    async def relay_now(self) -> None:
        """Ask Prefect for the runs that an act woke: after the answer, so that nobody waits for it."""
        await self.relay(self.store, self.settings, self.now())

"""The trial itself: begin, burst, kills, settle, count."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, select
from sqlmodel import SQLModel, col

from benchmarks.division import OFFICER
from benchmarks.machines import checks, growth, scale, world
from benchmarks.machines.burst import Burst, record
from benchmarks.machines.rig import API, WORKERS, Rig, api_login
from deployments.local.environment import POOL
from deployments.local.steps import say
from policy.model import Policy
from policy.notices.access import AccessGranted
from schemas.accounts import Access
from schemas.columns import table_of
from schemas.events import WakeState
from schemas.machinery import Notice, Wake
from schemas.notices import NoticeState
from schemas.states import AccessState
from tasks import clock
from tasks.prefect.api import NIGHTLY_SWEEP, NOTICE_DELIVERY, PAGE_ROUND, PrefectApi, PrefectUnavailable
from tasks.store import Store

#: At which share of the burst what is killed, and for how many seconds it is away.
KILLS = (
    (0.1, "worker 1", 5),
    (0.3, "api 1", 5),
    (0.5, "redis", 5),
    (0.7, "database", 5),
    (0.85, "worker 2", 150),
)
WORKER_LIMIT = 3
_PATIENCE_SECONDS = 1200
_LOOK_SECONDS = 1.0


@dataclass
class Trial:
    """One run of it."""

    rig: Rig
    policy: Policy
    accounts: int
    completions: int
    more: bool = False
    begun: float = field(default_factory=time.monotonic)
    restarts: Counter[str] = field(default_factory=Counter)
    away: set[str] = field(default_factory=set)

    def tell(self, what: str) -> None:
        """A line with the seconds since the beginning."""
        say(f"{time.monotonic() - self.begun:7.1f}  {what}")

    async def run(self, port: int, hosts: int, *, kills: bool) -> dict[str, int]:
        """All of it; the counts. Raises AssertionError."""
        rig = self.rig
        await rig.start_database()
        await rig.start_redis()
        await rig.once(WORKERS[0], "prepare")
        self.tell("both databases are prepared")
        store = Store.open(rig.store_url)
        try:
            people = await world.make(store, self.accounts, self.completions, self.policy, port, hosts)
            self.tell(f"{self.accounts} accounts; {len(people)} people wait for the course")
            await rig.start_mail()
            await rig.start_servers()
            await rig.start_proxy()
            await self.until(self._api_answers, "Prefect to answer")
            self.tell("two API servers answer behind one address")
            async with self.api() as api:
                await rig.deploy(api)
            self.tell("lifecycles, mail and sweep are deployed")
            await rig.start_portals()
            for number in range(1, len(WORKERS) + 1):
                await rig.start_worker(number, WORKER_LIMIT)
            async with self.supervised():
                await self.until(self._workers_are_there, "three workers")
                self.tell("three workers are there")
                return await self.burst(store, people, kills=kills)
        finally:
            await store.close()
            await rig.close()
            self.tell("everything has ended")

    async def burst(self, store: Store, people: range, *, kills: bool) -> dict[str, int]:
        """The burst with the kills in it, until all has come about."""
        news, burst = asyncio.Event(), Burst(people)
        asked = {name: await self.ask(name) for name in (NIGHTLY_SWEEP, PAGE_ROUND)}
        recording = asyncio.create_task(record(store, OFFICER, burst, world.day(), news.set))
        killing = [
            asyncio.create_task(self.kill(burst, share, name, seconds))
            for share, name, seconds in (KILLS if kills else ())
        ]
        await recording
        self.tell(
            f"{len(people)} completions are recorded, in {burst.took:.1f} s; again: {dict(burst.again)}"
        )
        granted = await self.when(burst, lambda: self.granted(store, people), len(people), "granted")
        written = await self.when(burst, lambda: self.letters(store, people), len(people), "letters")
        await asyncio.gather(*killing)
        await self.settle(store)
        async with self.api() as api:
            counts = await checks.hold(
                store, self.policy, people, self.rig.mailbox, clock.now() + timedelta(minutes=20), api
            )
            self.tell("nothing is lost, nothing doubled")
            ends = {what: (await api.run(run)).state_name for what, run in asked.items()}
            self.tell(f"asked for before the burst: {ends}")
            for what, how_many in counts.items():
                self.tell(f"{what}: {how_many}")
            if self.more:
                await self.measured(api, people)
        return {
            **counts,
            "seconds until all are recorded": round(burst.took),
            "seconds until all are granted": round(granted),
            "seconds until all letters have left": round(written),
            **{f"restarts of {name}": count for name, count in sorted(self.restarts.items())},
        }

    async def measured(self, api: PrefectApi, people: range) -> None:
        """How Prefect's database grows, and what more workers bring."""
        grown = await growth.measure(self.rig.prefect_database, api, self.until)
        self.tell(
            f"Prefect's database grows by {grown.day / 1e6:.1f} MB a day; after a year it has "
            f"{grown.year_kept / 1e6:.0f} MB, and {grown.year_all / 1e6:.0f} if nothing went"
        )
        self.away |= {"worker 1", "worker 2", "worker 3"}
        found = await scale.measure(self.rig, api, people, self.until)
        for workers, rate in found.items():
            self.tell(f"{workers} workers: {rate:.1f} runs a minute, {rate / found[1]:.2f} of one worker's")

    async def kill(self, burst: Burst, share: float, name: str, seconds: float) -> None:
        """Kill it once so much of the burst is recorded, and bring it back."""
        while burst.share < share:  # noqa: ASYNC110 - several wait for different shares
            await asyncio.sleep(0.05)
        self.away.add(name)
        await self.rig.kill(name)
        self.tell(f"{name} is killed, {burst.recorded} recorded")
        await asyncio.sleep(seconds)
        await self.rig.again(name)
        self.away.discard(name)
        self.tell(f"{name} is started again, {burst.recorded} recorded")

    @asynccontextmanager
    async def supervised(self) -> AsyncIterator[None]:
        """As each machine's supervisor does it: what ends by itself is started again."""

        async def watch() -> None:
            while True:
                await asyncio.sleep(_LOOK_SECONDS)
                for name, part in self.rig.parts.items():
                    if not part.running and name not in self.away:
                        self.restarts[name] += 1
                        self.tell(f"{name} ended by itself ({part.exit_code}): started again")
                        await part.start()

        watching = asyncio.create_task(watch())
        try:
            yield
        finally:
            watching.cancel()

    async def settle(self, store: Store) -> None:
        """The sweep has ended, a delivery has asked for what was given back, and nothing is left to do."""
        await self.until(lambda: self._idle(store), "everything to be done")
        delivery = await self.ask(NOTICE_DELIVERY)

        async def delivered() -> bool:
            async with self.api() as api:
                return (await api.run(delivery)).ended

        await self.until(delivered, "the delivery to end")
        await self.until(lambda: self._idle(store), "everything to be done")
        self.tell("nothing waits any more")

    async def _idle(self, store: Store) -> bool:
        open_wakes = await self._count(store, Wake, col(Wake.state) != WakeState.DONE)
        sending = await self._count(store, Notice, col(Notice.state) == NoticeState.SENDING)
        async with self.api() as api:
            alive = await api.runs_in(("PENDING", "RUNNING", "CANCELLING"))
        return not open_wakes and not sending and not alive

    async def granted(self, store: Store, people: range) -> int:
        """How many of these people have access."""
        mine = col(Access.person_id).in_(people)
        return await self._count(store, Access, mine, col(Access.state) == AccessState.GRANTED)

    async def letters(self, store: Store, people: range) -> int:
        """How many of these people's letters have left."""
        kind = col(Notice.kind) == AccessGranted().kind
        return await self._count(
            store, Notice, kind, col(Notice.person_id).in_(people), col(Notice.state) == NoticeState.SENT
        )

    async def _count(self, store: Store, model: type[SQLModel], *where: object) -> int:
        async with store.read() as session:
            counted = select(func.count()).select_from(table_of(model)).where(*where)  # type: ignore[arg-type]
            return int((await session.run(counted)).scalar_one())

    async def when(self, burst: Burst, look: Callable[[], Awaitable[int]], wanted: int, what: str) -> float:
        """Wait until there are so many; the seconds since the burst began."""

        async def there() -> bool:
            return await look() >= wanted

        await self.until(there, f"{wanted} {what}")
        seconds = time.monotonic() - burst.began
        self.tell(f"{wanted} {what}")
        return seconds

    async def ask(self, name: str) -> str:
        """Ask for a run; its id."""
        async with self.api() as api:
            return (await api.ask_run(name)).id

    async def _workers_are_there(self) -> bool:
        async with self.api() as api:
            found = await api.call("POST", f"work_pools/{POOL}/workers/filter", {})
        return len([one for one in found if one["status"] == "ONLINE"]) == len(WORKERS)

    async def _api_answers(self) -> bool:
        async with self.api() as api:
            await api.call("GET", "health")
        return True

    def api(self) -> PrefectApi:
        """Prefect, through the proxy."""
        return PrefectApi(API, api_login(self.rig.secret), 60)

    async def until(self, look: Callable[[], Awaitable[bool]], what: str) -> None:
        """Look again and again; what can't be reached now is looked at later. Raises AssertionError."""
        ends = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < ends:
            try:
                if await look():
                    return
            except PrefectUnavailable:
                pass
            await asyncio.sleep(_LOOK_SECONDS)
        raise AssertionError(f"waited in vain for {what}")

"""A round over many pages: many hosts at once, each politely, and none of them holds up the others."""

import asyncio
import random
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from policy.model.pages import Politeness
from schemas.errors import StewardError
from tasks.pages.look import PageLook
from tasks.pages.port import Refusal

#: What may be over in a moment; anything else is the same a minute later.
PASSING = frozenset({Refusal.CONNECTION, Refusal.TOO_SLOW, Refusal.BROKEN, Refusal.NAME})
PASSING_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
#: What a round says that had nothing to do.
NONE_DUE = "no page was due"


@dataclass(frozen=True)
class Target:
    """One account's page."""

    account_id: int
    address: str
    notice_address: str | None

    @property
    def host(self) -> str:
        """Whose server it is; pages of one host are fetched one after the other."""
        return (urlsplit(self.address).hostname or "").lower()


@dataclass
class RoundReport:
    """How a round went: verdicts by count, and how many pages were put off to the next round."""

    verdicts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    put_off: int = 0
    hosts_given_up: int = 0

    def __str__(self) -> str:
        said = [f"{count} {verdict}" for verdict, count in sorted(self.verdicts.items())]
        if self.put_off:
            said.append(f"{self.put_off} put off, since {self.hosts_given_up} hosts did not answer")
        return ", ".join(said) or NONE_DUE


Look = Callable[[Target], Awaitable[PageLook]]
Keep = Callable[[Target, PageLook], Awaitable[str]]
Pause = Callable[[float], Awaitable[None]]


async def look_round(
    targets: Sequence[Target],
    *,
    look: Look,
    keep: Keep,
    politeness: Politeness,
    pause: Pause = asyncio.sleep,
    chance: Callable[[], float] = random.random,
) -> RoundReport:
    """Look at every page, and keep what was seen of each as soon as it was seen.

    Hosts are worked on side by side, `hosts_at_once` of them, the pages of one host one after the other with
    `seconds_between` them. A fault that may pass is tried again, each time after twice as long (with a little
    chance, so that retries don't come in step), or after as long as the server asks. A server that asks for
    more than `wait_at_most_seconds`, or on which `failures_in_a_row` pages fail, is left alone for this
    round: what it still has is put off, unrecorded, and so stays due.

    Args:
        targets: the pages.
        look: one try at one page; never raises for what a page does.
        keep: records what was seen; gives the verdict that stands.
        politeness: the policy's numbers.
        pause: waits so many seconds; passed in so that nothing else has to wait.
        chance: between 0 and 1.

    Raises what `keep` raises of ours, once, also where several hosts had it at the same time: the store may
    be away. What was kept before is kept; the rest stays due.
    """
    report, queues = RoundReport(), _by_host(targets)
    at_once = asyncio.Semaphore(politeness.hosts_at_once)

    async def work(queue: deque[Target]) -> None:
        async with at_once:
            await _one_host(queue, report, look, keep, politeness, pause, chance)

    try:
        async with asyncio.TaskGroup() as group:
            for queue in queues:
                group.create_task(work(queue))
    except ExceptionGroup as several:
        ours, others = several.split(StewardError)
        if ours is None or others is not None:
            raise
        raise ours.exceptions[0] from several  # one sentence that says what to do, not one of each host
    return report


def _by_host(targets: Sequence[Target]) -> list[deque[Target]]:
    queues: dict[str, deque[Target]] = defaultdict(deque)
    for target in targets:
        queues[target.host].append(target)
    return list(queues.values())


async def _one_host(
    queue: deque[Target],
    report: RoundReport,
    look: Look,
    keep: Keep,
    politeness: Politeness,
    pause: Pause,
    chance: Callable[[], float],
) -> None:
    failed = 0
    while queue:
        target = queue[0]
        seen, asks_for_longer = await _patiently(target, look, politeness, pause, chance)
        failed = failed + 1 if may_pass(seen) else 0
        if asks_for_longer or failed >= politeness.failures_in_a_row:
            # the page at hand was tried to the end; those behind it were not tried at all
            if not asks_for_longer:
                queue.popleft()
                report.verdicts[await keep(target, seen)] += 1
            report.put_off += len(queue)
            report.hosts_given_up += 1
            return
        queue.popleft()
        report.verdicts[await keep(target, seen)] += 1
        if queue:
            await pause(politeness.seconds_between)


async def _patiently(
    target: Target, look: Look, politeness: Politeness, pause: Pause, chance: Callable[[], float]
) -> tuple[PageLook, bool]:
    """The result of the last try that the policy allows; whether the server asks us to wait for too long."""
    wait = float(politeness.retry_first_seconds)
    seen = await look(target)
    for _ in range(politeness.tries - 1):
        if not may_pass(seen):
            break
        asked = seen.come_back_after
        if asked is not None and asked > politeness.wait_at_most_seconds:
            return seen, True
        await pause(max(asked or 0.0, min(wait * (1 + chance() / 4), politeness.wait_at_most_seconds)))
        wait *= 2
        seen = await look(target)
    return seen, False


def may_pass(seen: PageLook) -> bool:
    """Whether a page could not be read for a reason that may soon be gone."""
    return seen.refusal in PASSING or (seen.refusal is Refusal.STATUS and seen.http_status in PASSING_STATUS)

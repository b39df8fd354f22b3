"""Delivering what waits in the outbox: lease, render, hand over, note what became of it.

The promise: at least once, never lost, never without a cause, an uncertain repeat is marked. Mail can't be
exactly once, since a server that stored a message and died looks like one that did not store it.
"""

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from policy.model import Policy
from schemas.notices import NoticeState
from schemas.settings import Settings
from tasks.mail import outbox
from tasks.mail.messages import DeliveryResult, Message, again, ended, put_back, sent, untried
from tasks.mail.mime import sender_of
from tasks.mail.rows import load
from tasks.mail.smtp import NotTaken, Post, Smtp, Unknowable
from tasks.mail.writing import Mail, Writer
from tasks.store import Store

log = structlog.get_logger("steward.mail")

#: Notices are leased and read in batches, so that a sender that dies holds few of them up.
BATCH = 250
#: A further connection is opened for so many more mails of a group.
MAILS_A_CONNECTION = 8
#: After so many lost connections in a row the server is taken to be down; the rest waits for the next run.
LOST_IN_A_ROW = 2


@dataclass
class DeliveryReport:
    """What one delivery did. `sent` counts mails, `notices` what they carried; `digests` are among `sent`.

    `held`: due, but put off to working hours or to the next digest. `more`: the limit was reached.
    `down`: the server can't be reached; what is left waits for the next run.
    """

    sent: int = 0
    notices: int = 0
    digests: int = 0
    repeats: int = 0
    retried: int = 0
    uncertain: int = 0
    parked: int = 0
    dropped: int = 0
    held: int = 0
    more: bool = False
    down: bool = False

    def __str__(self) -> str:
        """One line for operators."""
        said = f"{self.sent} mails sent ({self.notices} notices, {self.digests} digests)"
        rest = {
            "to be tried again": self.retried,
            "unclear whether they arrived": self.uncertain,
            "parked for a person to look at": self.parked,
            "dropped, their cause is gone": self.dropped,
            "held for working hours": self.held,
        }
        more = [f"{number} {what}" for what, number in rest.items() if number]
        if self.down:
            more.append("the mail server can't be reached")
        return "; ".join([said, *more])


@dataclass
class GroupSize:
    """How many mails are marked as under way in one commit: the size of the next group, at most `most`.

    A commit costs as much as several mails, so one for each would be most of the time. But whatever is
    marked when a sender dies is repeated with a mark: few at first, twice as many after each group that went
    well, and one by one again after a lost connection or with a slow server, where commits are not what
    costs.
    """

    most: int
    size: int = 1

    def after(self, *, well: bool) -> int:
        """The size after a group that was handed over in its time with definite answers, or was not."""
        return min(self.most, self.size * 2) if well else 1


@dataclass
class _Batch:
    """The messages of a batch that wait to be written, and the mails that wait to leave."""

    writer: Writer
    waiting: deque[Message]
    ready: deque[Mail] = field(default_factory=deque)

    @property
    def has_more(self) -> bool:
        """Whether anything is left to be written or to leave."""
        return bool(self.waiting or self.ready)

    async def write(self, wanted: int) -> None:
        """Write until so many are ready, or all are written. Others have their turn between two mails."""
        while self.waiting and len(self.ready) < wanted:
            if (mail := self.writer.write(self.waiting.popleft())) is not None:
                self.ready.append(mail)
            await asyncio.sleep(0)

    async def take(self, wanted: int) -> list[Mail]:
        """The next mails: so many, unless there are no more."""
        await self.write(wanted)
        return [self.ready.popleft() for _ in range(min(wanted, len(self.ready)))]

    def rest(self) -> list[Message]:
        """What has not left, written or not."""
        return [*(mail.message for mail in self.ready), *self.waiting]


@asynccontextmanager
async def _meanwhile(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run these while the block runs; they are done at its end. If anything raises, the others are ended."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
        for task in tasks:
            await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass
class _Delivery:
    """One delivery under way."""

    store: Store
    policy: Policy
    settings: Settings
    worker: str
    clock: Callable[[], datetime]
    rng: random.Random
    report: DeliveryReport = field(default_factory=DeliveryReport)

    def __post_init__(self) -> None:
        self.sender = sender_of(
            self.settings.mail_from, self.settings.mail_reply_to, self.settings.portal_url or ""
        )
        self.calendar = self.policy.calendar
        self.group_size = GroupSize(self.policy.mail.under_way_at_once)
        self.held_until = self.clock()
        self.lost = 0

    async def lease(self, now: datetime, limit: int) -> Sequence[Message]:
        """Take a batch, for so long as the policy says."""
        self.held_until = now + timedelta(seconds=self.policy.mail.lease_seconds)
        async with self.store.write(audited=False) as session:
            leased = await outbox.lease(
                session,
                self.calendar,
                now=now,
                worker=self.worker,
                seconds=self.policy.mail.lease_seconds,
                limit=limit,
                domain=self.sender.domain,
                letters_a_day=self.policy.mail.letters_a_day_at_most,
            )
        self.report.held += leased.held
        return leased.messages

    async def deliver(self, messages: Sequence[Message], posts: Sequence[Post], now: datetime) -> None:
        """Hand over a batch, group by group. What could not be tried goes back as it was."""
        async with self.store.read() as session:
            notices = [notice for message in messages for notice in message.notices]
            rows = await load(session, notices, now.astimezone(self.policy.zone).date())
        batch = _Batch(Writer(self.policy, self.sender, rows, now), deque(messages))
        finished = list[DeliveryResult]()
        while batch.has_more and not self.report.down:
            group = await batch.take(self.group_size.size)
            begun = await self._begin(group, [*finished, *self._ended(batch)])
            # the next group is written while the server answers, and not while the store does: whoever waits
            # for this commit would wait for the writing too
            async with _meanwhile(batch.write(self.group_size.after(well=True))):
                finished = await self._hand_over_all(begun, posts)
        if rest := batch.rest():
            finished.append(untried(tuple(one for message in rest for one in message.ids)))
        await self._begin((), [*finished, *self._ended(batch)])

    def _ended(self, batch: _Batch) -> list[DeliveryResult]:
        """What was found not to leave, counted."""
        results = batch.writer.take_results()
        self._count(results)
        return results

    async def _begin(self, mails: Sequence[Mail], finished: Sequence[DeliveryResult]) -> list[Mail]:
        """Note what became of the last ones and that these are under way; those that are still ours."""
        if not mails and not finished:
            return []
        lease = timedelta(seconds=self.policy.mail.lease_seconds)
        until = self.clock() + lease
        renew = until - self.held_until > lease / 4
        async with self.store.write(audited=False) as session:
            ours = await outbox.step(
                session,
                worker=self.worker,
                finished=finished,
                begins={number: mail.identity for mail in mails for number in mail.message.ids},
                until=until,
                renew=renew,
            )
        self.held_until = until if renew else self.held_until
        begun: list[Mail] = []
        for mail in mails:
            if ours.issuperset(mail.message.ids):
                begun.append(mail)
            else:
                log.warning("lease lost", notices=list(mail.message.ids))
        return begun

    async def _hand_over_all(self, mails: Sequence[Mail], posts: Sequence[Post]) -> list[DeliveryResult]:
        """Hand over a group. Its rest goes back, unmarked, when the server is down or time is up."""
        until = self.clock() + timedelta(seconds=self.policy.mail.under_way_seconds)
        finished: list[DeliveryResult] = []
        taken: list[Message] = []
        left = deque(mails)

        async def carry(post: Post) -> None:
            while left and not self.report.down and (len(left) == len(mails) or self.clock() < until):
                mail = left.popleft()
                result = await self._hand_over(mail, post)
                if result is None:
                    taken.append(mail.message)
                else:
                    finished.append(result)
                self.report.down = self.report.down or self.lost >= LOST_IN_A_ROW

        own, *others = posts[: 1 + len(mails) // MAILS_A_CONNECTION]
        async with _meanwhile(*(carry(post) for post in others)):
            await carry(own)
        self.group_size.size = self.group_size.after(well=not left and not self.lost)
        if taken:
            finished.append(sent(taken, self.clock()))
        return [*finished, *(put_back(mail.message) for mail in left)]

    async def _hand_over(self, mail: Mail, post: Post) -> DeliveryResult | None:
        """What became of it; None where the server took it."""
        message, report = mail.message, self.report
        kinds = sorted({notice.kind for notice in message.notices})
        try:
            # Half a lease: the notice must still be ours when its result is noted.
            async with asyncio.timeout(self.policy.mail.lease_seconds / 2):
                await post.send(self.sender.address, mail.address, mail.data)
        except NotTaken as error:
            self.lost = self.lost + 1 if error.down else 0
            log.info("notice not taken", notices=list(message.ids), kinds=kinds, code=error.code)
            if not error.for_good:
                return self._again(message, error.code, uncertain=False)
            result = ended(message, message.ids, NoticeState.PARKED, error.code)
            self._count([result])
            return result
        except (Unknowable, TimeoutError) as error:
            self.lost += 1
            await post.close()
            code = error.code if isinstance(error, Unknowable) else "timeout"
            report.uncertain += len(message.ids)
            log.warning("notice may have arrived", notices=list(message.ids), kinds=kinds, code=code)
            return self._again(message, code, uncertain=True)
        self.lost = 0
        report.sent += 1
        report.notices += len(message.ids)
        report.digests += message.gathered
        report.repeats += message.uncertain
        log.info("notice sent", notices=list(message.ids), kinds=kinds, repeat=message.uncertain)
        return None

    def _count(self, results: Sequence[DeliveryResult]) -> None:
        for result in results:
            self.report.parked += len(result.ids) * (result.values["state"] is NoticeState.PARKED)
            self.report.dropped += len(result.ids) * (result.values["state"] is NoticeState.DEAD)

    def _again(self, message: Message, code: str, *, uncertain: bool) -> DeliveryResult:
        result = again(
            message, code, uncertain=uncertain, rules=self.policy.mail, now=self.clock(), rng=self.rng
        )
        self._count([result])
        if result.values["state"] is NoticeState.PENDING:
            self.report.retried += len(message.ids)
        return result


async def deliver(
    store: Store,
    policy: Policy,
    settings: Settings,
    *,
    now: datetime,
    clock: Callable[[], datetime],
    worker: str,
    limit: int = 500,
    post: Post | None = None,
    rng: random.Random | None = None,
) -> DeliveryReport:
    """Send what is due at `now` (aware): at most `limit` mails, over one connection, or a few if many wait.

    `clock` gives later moments, `worker` is this sender's name, unlike any other's at the time. Several may
    run at once. Raises StoreUnavailable, and BadSettings for a sender's address that can't be used; mail
    that fails raises nothing: it is retried, or parked with a code.
    """
    own = rng or random.Random()  # noqa: S311 - spreads retries, hides nothing
    delivery = _Delivery(store, policy, settings, worker, clock, own)
    mail = policy.mail
    carriers: Sequence[Post] = (
        [post]
        if post is not None
        else [
            Smtp(settings, per_connection=mail.messages_per_connection)
            for _ in range(mail.connections_at_once)
        ]
    )
    try:
        handled, moment = 0, now
        while not delivery.report.down:
            messages = await delivery.lease(moment, min(BATCH, limit - handled))
            if not messages:
                break
            await delivery.deliver(messages, carriers, moment)
            moment = max(now, clock())
            handled += len(messages)
            if handled >= limit:
                delivery.report.more = True
                break
    finally:
        for carrier in carriers:
            await carrier.close()
    return delivery.report

"""Delivering what waits in the outbox: lease, render, hand over, note what became of it.

The promise: at least once, never lost, never without a cause, an uncertain repeat is marked. Mail can't be
exactly once, since a server that stored a message and died looks like one that did not store it.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from policy.calendar import Calendar
from policy.model import Policy
from schemas.notices import NoticeState
from schemas.settings import Settings
from tasks.mail import outbox
from tasks.mail.beside import beside
from tasks.mail.desk import Desk
from tasks.mail.facts import load
from tasks.mail.fates import Fate, again, ended, put_back, sent, untried
from tasks.mail.message import sender_of
from tasks.mail.pace import Pace
from tasks.mail.parcel import Parcel
from tasks.mail.report import DeliveryReport
from tasks.mail.smtp import NotTaken, Post, Smtp, Unknowable
from tasks.mail.writing import Mail, Writer
from tasks.store import Store

__all__ = ["DeliveryReport", "deliver"]

log = structlog.get_logger("steward.mail")

#: Notices are leased and read in batches, so that a sender that dies holds few of them up.
BATCH = 250
#: A further connection is opened for so many more mails of a group.
MAILS_A_CONNECTION = 8
#: After so many lost connections in a row the server is taken to be down; the rest waits for the next run.
LOST_IN_A_ROW = 2


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
        self.sender = sender_of(self.settings.mail_from, self.settings.mail_reply_to)
        self.calendar = Calendar(self.policy)
        self.pace = Pace(self.policy.mail.under_way_at_once)
        self.held_until = self.clock()
        self.lost = 0

    async def lease(self, now: datetime, limit: int) -> Sequence[Parcel]:
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
            )
        self.report.held += leased.held
        return leased.parcels

    async def deliver(self, parcels: Sequence[Parcel], posts: Sequence[Post], now: datetime) -> None:
        """Hand over a batch, group by group. What could not be tried goes back as it was."""
        async with self.store.read() as session:
            rows = await load(session, [notice for parcel in parcels for notice in parcel.notices])
        desk = Desk(Writer(self.policy, self.sender, rows, now), deque(parcels))
        finished = list[Fate]()
        while desk.has_more and not self.report.down:
            group = await desk.take(self.pace.size)
            begun = await self._begin(group, [*finished, *self._ended(desk)])
            # the next group is written while the server answers, and not while the store does: whoever waits
            # for this commit would wait for the writing too
            async with beside(desk.write(self.pace.after(well=True))):
                finished = await self._hand_over_all(begun, posts)
        if rest := desk.rest():
            finished.append(untried(tuple(one for parcel in rest for one in parcel.ids)))
        await self._begin((), [*finished, *self._ended(desk)])

    def _ended(self, desk: Desk) -> list[Fate]:
        """What was found not to leave, counted."""
        fates = desk.writer.take_fates()
        self._count(fates)
        return fates

    async def _begin(self, mails: Sequence[Mail], finished: Sequence[Fate]) -> list[Mail]:
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
                begins={number: mail.identity for mail in mails for number in mail.parcel.ids},
                until=until,
                renew=renew,
            )
        self.held_until = until if renew else self.held_until
        begun: list[Mail] = []
        for mail in mails:
            if ours.issuperset(mail.parcel.ids):
                begun.append(mail)
            else:
                log.warning("lease lost", notices=list(mail.parcel.ids))
        return begun

    async def _hand_over_all(self, mails: Sequence[Mail], posts: Sequence[Post]) -> list[Fate]:
        """Hand over a group. Its rest goes back, unmarked, when the server is down or time is up."""
        until = self.clock() + timedelta(seconds=self.policy.mail.under_way_seconds)
        finished: list[Fate] = []
        taken: list[Parcel] = []
        left = deque(mails)

        async def carry(post: Post) -> None:
            while left and not self.report.down and (len(left) == len(mails) or self.clock() < until):
                mail = left.popleft()
                fate = await self._hand_over(mail, post)
                if fate is None:
                    taken.append(mail.parcel)
                else:
                    finished.append(fate)
                self.report.down = self.report.down or self.lost >= LOST_IN_A_ROW

        own, *others = posts[: 1 + len(mails) // MAILS_A_CONNECTION]
        async with beside(*(carry(post) for post in others)):
            await carry(own)
        self.pace.size = self.pace.after(well=not left and not self.lost)
        if taken:
            finished.append(sent(taken, self.clock()))
        return [*finished, *(put_back(mail.parcel) for mail in left)]

    async def _hand_over(self, mail: Mail, post: Post) -> Fate | None:
        """What became of it; None where the server took it."""
        parcel, report = mail.parcel, self.report
        kinds = sorted({notice.kind for notice in parcel.notices})
        try:
            # Half a lease: the notice must still be ours when its fate is noted.
            async with asyncio.timeout(self.policy.mail.lease_seconds / 2):
                await post.send(self.sender.address, mail.address, mail.data)
        except NotTaken as error:
            self.lost = self.lost + 1 if error.down else 0
            log.info("notice not taken", notices=list(parcel.ids), kinds=kinds, code=error.code)
            if not error.for_good:
                return self._again(parcel, error.code, uncertain=False)
            fate = ended(parcel, parcel.ids, NoticeState.PARKED, error.code)
            self._count([fate])
            return fate
        except (Unknowable, TimeoutError) as error:
            self.lost += 1
            await post.close()
            code = error.code if isinstance(error, Unknowable) else "timeout"
            report.uncertain += len(parcel.ids)
            log.warning("notice may have arrived", notices=list(parcel.ids), kinds=kinds, code=code)
            return self._again(parcel, code, uncertain=True)
        self.lost = 0
        report.sent += 1
        report.notices += len(parcel.ids)
        report.digests += parcel.gathered
        report.repeats += parcel.uncertain
        log.info("notice sent", notices=list(parcel.ids), kinds=kinds, repeat=parcel.uncertain)
        return None

    def _count(self, fates: Sequence[Fate]) -> None:
        for fate in fates:
            self.report.parked += len(fate.ids) * (fate.values["state"] is NoticeState.PARKED)
            self.report.dropped += len(fate.ids) * (fate.values["state"] is NoticeState.DEAD)

    def _again(self, parcel: Parcel, code: str, *, uncertain: bool) -> Fate:
        fate = again(
            parcel, code, uncertain=uncertain, rules=self.policy.mail, now=self.clock(), rng=self.rng
        )
        self._count([fate])
        if fate.values["state"] is NoticeState.PENDING:
            self.report.retried += len(parcel.ids)
        return fate


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
            parcels = await delivery.lease(moment, min(BATCH, limit - handled))
            if not parcels:
                break
            await delivery.deliver(parcels, carriers, moment)
            moment = max(now, clock())
            handled += len(parcels)
            if handled >= limit:
                delivery.report.more = True
                break
    finally:
        for carrier in carriers:
            await carrier.close()
    return delivery.report

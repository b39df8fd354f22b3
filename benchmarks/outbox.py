"""Notices a second through the outbox, beside a bare aiosmtplib loop to the same server.

    python -m benchmarks.outbox [NOTICES] [--only SQLite|PostgreSQL] [--rounds N] [--profile]

Three ways in turn, round after round, each to the same server in a process of its own: the outbox as
production runs it (lease, read, render, hand over, note), the bytes of the same mails over one bare
connection, and over one connection a message. The median of the rounds, and of the outbox's shares of the
bare loops in the same round. The CPU is that of the sender's process: others on the machine change it little.
"""

import argparse
import asyncio
import cProfile
import os
import platform
import pstats
import tempfile
import time
from collections.abc import Awaitable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import aiosmtplib
import structlog
from sqlalchemy import insert, update

from benchmarks.databases import DATABASES, an_empty_store
from benchmarks.division import NOW, TEACHERS, TODAY
from benchmarks.filling import fill
from benchmarks.mail_server import MailServer, a_mail_server
from benchmarks.results import keep
from policy.model import Policy, load
from policy.notices import NoticeKind
from policy.notices.access import AccessGranted
from policy.notices.accounts import AccountLive
from policy.notices.credentials import RotationDue
from schemas.columns import table_of
from schemas.machinery import Notice
from schemas.notices import NoticeState
from schemas.people import Person
from schemas.settings import Settings
from schemas.settings import load as load_settings
from schemas.words import SubjectKind
from tasks.mail.delivery import deliver
from tasks.store import Store

SENDER = "steward@example.org"
#: Letters of normal urgency: two that tell, one that asks, with its calendar attachment.
NOTICES: tuple[tuple[SubjectKind, NoticeKind], ...] = (
    (SubjectKind.ACCOUNT, AccountLive()),
    (SubjectKind.ACCESS, AccessGranted()),
    (SubjectKind.ACCOUNT, RotationDue(due_on=TODAY + timedelta(days=30), because="year")),
)


@dataclass
class Measured:
    """One database. Notices a second; the shares are of the same round's bare loops."""

    database: str
    notices: int
    outbox: float
    bare: float
    one_each: float
    share: float
    share_of_one_each: float
    outbox_cpu: float  # milliseconds a notice, of the sender's process
    bare_cpu: float

    def row(self) -> str:
        return (
            f"| {self.database} | {self.notices:,} | {self.outbox:.0f} | {self.bare:.0f} "
            f"| {self.one_each:.0f} | {self.share:.2f} | {self.share_of_one_each:.2f} "
            f"| {self.outbox_cpu:.2f} | {self.bare_cpu:.2f} |"
        )


HEADER = (
    "| database | notices | outbox (/s) | bare, one connection (/s) | bare, one a message (/s) "
    "| outbox ÷ one connection | outbox ÷ one a message | outbox, CPU (ms a notice) | bare, CPU (ms) |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
)


@dataclass
class Kept:
    """A post that carries nothing: it keeps what it is given."""

    mails: list[tuple[str, bytes]] = field(default_factory=list)

    async def send(self, _sender: str, recipient: str, message: bytes) -> None:
        self.mails.append((recipient, message))

    async def close(self) -> None:
        pass


async def prepare(store: Store, policy: Policy, notices: int) -> None:
    """A division with enough people, and a notice to each of them."""
    await fill(store, notices, policy, schools=1 + notices // TEACHERS)
    rows = []
    for number in range(1, notices + 1):
        about, notice = NOTICES[number % len(NOTICES)]
        rows.append(
            {
                "key": f"benchmark-{number}/person:{number}",
                "kind": notice.kind,
                "urgency": notice.urgency,
                "person_id": number,
                "subject_kind": about,
                "subject_id": number,
                "facts": notice.stored(),
                "created_at": NOW,
                "not_before": NOW,
                "state": NoticeState.PENDING,
                "attempts": 0,
                "uncertain": False,
            }
        )
    async with store.write(audited=False) as session:
        await session.run(update(table_of(Person)).values(active=True))
        await session.run(insert(table_of(Notice)), rows)


async def waiting_again(store: Store) -> None:
    async with store.write(audited=False) as session:
        await session.run(
            update(table_of(Notice)).values(
                state=NoticeState.PENDING, attempts=0, sent_at=None, message_id=None, uncertain=False
            )
        )


async def through_the_outbox(
    store: Store, policy: Policy, settings: Settings, post: Kept | None = None
) -> int:
    """As the flow of notice delivery does; how many were sent."""
    begun, sent, more = time.perf_counter(), 0, True

    def clock() -> datetime:
        return NOW + timedelta(seconds=time.perf_counter() - begun)

    while more:
        report = await deliver(
            store, policy, settings, now=clock(), clock=clock, worker=f"benchmark-{sent}", post=post
        )
        sent, more = sent + report.sent, report.more
    return sent


async def over_one_connection(port: int, mails: list[tuple[str, bytes]]) -> int:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
        for address, data in mails:
            await client.sendmail(SENDER, [address], data)
    return len(mails)


async def over_one_each(port: int, mails: list[tuple[str, bytes]]) -> int:
    for address, data in mails:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
            await client.sendmail(SENDER, [address], data)
    return len(mails)


async def rate(way: Awaitable[int], server: MailServer, notices: int) -> tuple[float, float]:
    """Messages a second, and CPU of this process (ms a message). RuntimeError unless each arrived once."""
    before, begun, used = server.taken, time.perf_counter(), time.process_time()
    await way
    took, cpu = time.perf_counter() - begun, time.process_time() - used
    if server.taken - before != notices:
        raise RuntimeError(f"{server.taken - before} messages arrived, and not {notices}")
    return notices / took, cpu * 1000 / notices


async def measure(
    database: str, notices: int, rounds: int, policy: Policy, folder: Path, profiler: cProfile.Profile | None
) -> Measured:
    async with an_empty_store(database, folder / database) as store:
        await prepare(store, policy, notices)
        with a_mail_server() as server:
            settings = Settings(
                data_dir=folder,
                smtp_host="127.0.0.1",
                smtp_port=server.port,
                mail_from=f"Steward <{SENDER}>",
                mail_reply_to="communications@example.org",
            )
            kept = Kept()
            if await through_the_outbox(store, policy, settings, kept) != notices:
                raise RuntimeError("not every notice left")
            found: list[tuple[float, ...]] = []
            for _ in range(rounds):
                await waiting_again(store)
                if profiler is not None:
                    profiler.enable()
                outbox, cpu = await rate(through_the_outbox(store, policy, settings), server, notices)
                if profiler is not None:
                    profiler.disable()
                bare, bare_cpu = await rate(over_one_connection(server.port, kept.mails), server, notices)
                one_each, _ = await rate(over_one_each(server.port, kept.mails), server, notices)
                found.append((outbox, bare, one_each, cpu, bare_cpu))
                print(
                    f"{database}: outbox {outbox:.0f}, bare {bare:.0f}, one a message {one_each:.0f} (/s), "
                    f"share {outbox / bare:.2f}; CPU {cpu:.2f} and {bare_cpu:.2f} ms "
                    f"(load {os.getloadavg()[0]:.1f})",
                    flush=True,
                )
    return Measured(
        database,
        notices,
        outbox=median(one[0] for one in found),
        bare=median(one[1] for one in found),
        one_each=median(one[2] for one in found),
        share=median(one[0] / one[1] for one in found),
        share_of_one_each=median(one[0] / one[2] for one in found),
        outbox_cpu=median(one[3] for one in found),
        bare_cpu=median(one[4] for one in found),
    )


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("notices", nargs="?", type=int, default=1200)
    parser.add_argument("--only", choices=DATABASES)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--profile", action="store_true", help="print what the outbox's own process spends")
    chosen = parser.parse_args()
    policy = load(load_settings().policy_file)
    profiler = cProfile.Profile() if chosen.profile else None
    measured: list[Measured] = []
    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w") as nowhere:  # noqa: PTH123
        os.chmod(folder, 0o711)  # noqa: S103, PTH101 - PostgreSQL runs as another user when we are root
        # each line is made as in production, and shown to nobody
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=nowhere))
        for database in (chosen.only,) if chosen.only else DATABASES:
            one = measure(database, chosen.notices, chosen.rounds, policy, Path(folder), profiler)
            measured += [asyncio.run(one)]
    if profiler is not None:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(35)
    print(
        f"\nPython {platform.python_version()}, {os.cpu_count()} processors, {platform.machine()}, "
        f"load {os.getloadavg()[0]:.1f}; the median of {chosen.rounds} rounds\n"
    )
    print("\n".join([HEADER, *(one.row() for one in measured)]))
    keep("outbox", [asdict(one) for one in measured])


if __name__ == "__main__":
    main()

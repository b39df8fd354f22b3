"""A mail server in a process of its own, on loopback, that takes everything and counts it."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class _Counter:
    """aiosmtpd's handler: every message is taken."""

    taken = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.taken += 1
        return "250 OK"


async def _serve(asked: Connection) -> None:
    loop, counter = asyncio.get_running_loop(), _Counter()
    listening = await loop.create_server(
        lambda: SMTP(counter, hostname="mail.example.org", loop=loop), "127.0.0.1", 0
    )
    asked.send(listening.sockets[0].getsockname()[1])
    over = loop.create_future()

    def answer() -> None:
        try:
            asked.recv()
        except EOFError:
            over.set_result(None)
            loop.remove_reader(asked.fileno())
        else:
            asked.send(counter.taken)

    loop.add_reader(asked.fileno(), answer)
    await over
    listening.close()


def _run(asked: Connection) -> None:
    asyncio.run(_serve(asked))


@dataclass
class MailServer:
    """The port of a running server, and how many messages it has taken."""

    port: int
    _ask: Connection

    @property
    def taken(self) -> int:
        self._ask.send("how many?")
        answered: Any = self._ask.recv()
        return int(answered)


@contextmanager
def a_mail_server() -> Iterator[MailServer]:
    """A server for as long as the block runs. It ends when its pipe does."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_run, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        yield MailServer(ours.recv(), ours)
    finally:
        ours.close()
        process.join(5)
        if process.is_alive():
            process.kill()

"""The local mail catcher: a real SMTP server that keeps every message as a file.

    python -m deployments.local.mail_catcher PORT FOLDER

It answers 250 only when the message is on the disk under its final name: nothing acknowledged is lost.
"""

import asyncio
import itertools
import os
import signal
import sys
from email.utils import formatdate
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from deployments.local.ports import HOST

MAX_BYTES = 10_000_000


class Keep:
    """Writes each message to a folder: `000042.eml`, in the order of arrival."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for half in folder.glob("*.part"):
            half.unlink()
        last = max((int(path.stem) for path in folder.glob("*.eml") if path.stem.isdigit()), default=0)
        self._numbers = itertools.count(last + 1)

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the message, then acknowledge it. When the disk refuses, answer 451 (try again later)."""
        try:
            number = await asyncio.to_thread(self.keep, session, envelope)
        except OSError:
            return "451 4.3.1 The message can't be kept now, try again"
        return f"250 2.0.0 Kept as {number}"

    def keep(self, session: Session, envelope: Envelope) -> int:
        """Write, force to the disk, and give the file its name. Raises OSError."""
        number = next(self._numbers)
        part = self.folder / f"{number:06}.part"
        with part.open("wb") as file:
            file.write(_trace(session, envelope))
            content: Any = envelope.original_content
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(part.with_suffix(".eml"))
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return number


def _trace(session: Session, envelope: Envelope) -> bytes:
    """The lines a mail server puts on top: who it was really from and for, and when it came."""
    lines = [
        f"Return-Path: <{envelope.mail_from}>",
        *(f"Delivered-To: {address}" for address in envelope.rcpt_tos),
        f"Received: from {session.host_name or 'unknown'} by steward-mail; {formatdate(localtime=False)}",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace")


async def serve(port: int, folder: Path) -> None:
    """Take mail until told to end."""
    handler = Keep(folder)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="steward-mail", data_size_limit=MAX_BYTES, enable_SMTPUTF8=True),
        HOST,
        port,
    )
    async with server:
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))

"""A real SMTP server with faults to order, on the test's own event loop."""

import asyncio
import contextlib
import email
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from enum import StrEnum
from functools import cached_property
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Fault(StrEnum):
    """What happens to one message. Whether the server keeps it is part of the name where it matters."""

    NONE = "taken"
    BUSY = "421 at MAIL"
    SENDER = "553 at MAIL"
    GREY = "450 at RCPT"
    RELAY = "554 5.7.1 at RCPT"
    UNKNOWN = "550 at RCPT"
    FULL = "552 after the data"
    LATER = "451 after the data"
    GARBLED = "stored, and an answer that is none"
    STALL_EARLY = "silence at RCPT"
    STALL_STORED = "stored, then silence"
    DROP_EARLY = "connection lost at RCPT"
    DROP_STORED = "stored, then the connection lost"
    DROP_LOST = "data taken, connection lost, nothing stored"


#: The server says nothing more: only the sender's timeout ends it.
SILENT = {Fault.STALL_EARLY, Fault.STALL_STORED}

#: The server has the message although the sender never learnt it.
STORED_UNTOLD = {Fault.DROP_STORED, Fault.STALL_STORED, Fault.GARBLED}


@dataclass
class Received:
    """One message as it arrived."""

    sender: str
    recipients: list[str]
    data: bytes

    @cached_property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.data, policy=default)

    @property
    def notices(self) -> list[int]:
        return [int(one) for one in str(self.message["X-Steward-Notice"]).split(",")]

    @property
    def marked(self) -> bool:
        return str(self.message["X-Steward-Repeat"]) == "uncertain"


@dataclass
class Server:
    """The handler of aiosmtpd, and what tests look at. `orders` gives the fault of each message in turn."""

    orders: Callable[[str], Fault] = lambda _: Fault.NONE
    inbox: list[Received] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def order(self, faults: Iterable[Fault]) -> None:
        """These faults for the next messages; none afterwards."""
        waiting = iter(list(faults))
        self.orders = lambda _: next(waiting, Fault.NONE)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's names
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's names
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        fault = self.orders(address)
        cast(Any, session).fault = fault
        if fault is Fault.BUSY:
            return "421 4.3.2 closing for a while"
        if fault is Fault.SENDER:
            return "553 5.1.8 no such sender here"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        fault: Fault = cast(Any, session).fault
        if fault is Fault.STALL_EARLY:
            await self.released.wait()
        if fault is Fault.DROP_EARLY:
            cast(asyncio.Transport, server.transport).abort()
        answers = {
            Fault.GREY: f"450 4.2.0 {address} greylisted",
            Fault.RELAY: "554 5.7.1 relay access denied",
            Fault.UNKNOWN: f"550 5.1.1 {address} unknown",
        }
        if fault in answers:
            return answers[fault]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's names
        fault: Fault = cast(Any, session).fault
        if fault is Fault.NONE or fault in STORED_UNTOLD:
            assert isinstance(envelope.content, bytes)
            assert envelope.mail_from is not None
            self.inbox.append(Received(envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        if fault is Fault.STALL_STORED:
            await self.released.wait()
        if fault in {Fault.DROP_STORED, Fault.DROP_LOST}:
            cast(asyncio.Transport, server.transport).abort()
        answers = {
            Fault.FULL: "552 5.2.2 mailbox full",
            Fault.LATER: "451 4.3.0 later",
            Fault.GARBLED: "hello? this is no answer",
        }
        return answers.get(fault, "250 OK")


@asynccontextmanager
async def serving(
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    login: tuple[str, str] | None = None,
) -> AsyncIterator[Server]:
    """A server on a free loopback port for as long as the block runs."""
    loop = asyncio.get_running_loop()
    server = Server()

    def authenticate(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: LoginPassword
    ) -> AuthResult:
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == login, handled=False)

    protocols: list[SMTP] = []

    def make() -> SMTP:
        made = SMTP(
            server,
            hostname="mail.example.org",
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=authenticate if login else None,
            auth_required=login is not None,
            loop=loop,
        )
        protocols.append(made)
        return made

    listening = await loop.create_server(make, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        server.released.set()
        listening.close()
        for protocol in protocols:
            if protocol.transport is not None:
                cast(asyncio.Transport, protocol.transport).abort()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                await listening.wait_closed()

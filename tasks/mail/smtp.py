"""The mail server, by aiosmtplib: one connection for many messages, and a plain word for every outcome.

A message either was taken (`send` returns), or certainly was not (`NotTaken`), or nobody can tell
(`Unknowable`): a server that stored it and died before its answer looks like one that never stored it.
"""

import asyncio
import contextlib
import re
import ssl
from types import TracebackType
from typing import Protocol, Self

import aiosmtplib

from schemas.errors import BadSettings, MailRefused
from schemas.settings import Settings


class NotTaken(MailRefused):
    """The server certainly does not have the message. `code` is all that may be kept of its answer.

    `for_good`: this recipient or this message is refused, another try would be refused too.
    `down`: the connection is at fault, so the next message would fare no better at once.
    """

    def __init__(self, code: str, *, for_good: bool = False, down: bool = False) -> None:
        super().__init__(f"The mail server did not take the message ({code}).")
        self.code = code
        self.for_good = for_good
        self.down = down


class Unknowable(MailRefused):
    """The message was handed over and no answer came: the server may have it."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The mail server may or may not have the message ({code}).")
        self.code = code


class Post(Protocol):
    """Whatever carries a message. Raises NotTaken or Unknowable."""

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        """Hand over one message for one recipient."""

    async def close(self) -> None:
        """Say goodbye; never raises."""


#: Enhanced codes for policy and security (X.7.Y): most often a relay that does not know us.
_POLICY = re.compile(r"(^|\s)5\.7\.\d+\b")
_TRANSIENT, _PERMANENT, _CLOSING = range(400, 500), range(500, 600), 421
#: Below it the answers speak of us: out of order, not implemented, log in first.
_RECIPIENT_FIRST = 550


class Smtp:
    """The server of the settings. Connects when first needed, and again after a lost connection."""

    def __init__(self, settings: Settings, *, per_connection: int) -> None:
        self._settings = settings
        self._per_connection = per_connection
        self._client: aiosmtplib.SMTP | None = None
        self._sent_here = 0
        self.connections = 0  # how many were opened, for reports and tests

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        """Hand over one message. Raises NotTaken or Unknowable, and BadSettings for a bad CA file."""
        client = await self._connected()
        await self._envelope(client, sender, recipient)
        try:
            await client.data(message)
        except aiosmtplib.SMTPResponseException as error:
            if error.code not in _TRANSIENT and error.code not in _PERMANENT:
                self._drop()
                raise Unknowable("answer not understood after the data") from None
            await self._reset(client, error.code)
            raise _refusal(error.code, for_good=error.code >= _RECIPIENT_FIRST) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            # The data may be on the other side whole. A lost connection is no proof of the contrary.
            self._drop()
            raise Unknowable(_word_for(error, "after the data")) from None
        self._sent_here += 1

    async def close(self) -> None:
        """Say QUIT where somebody still listens; never raises."""
        client, self._client = self._client, None
        if client is not None and client.is_connected:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await client.quit(timeout=min(2.0, self._settings.smtp_timeout_seconds))
        if client is not None:
            client.close()

    async def greet(self) -> None:
        """Connect and log in, and send nothing. Raises NotTaken."""
        await self._connected()

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._sent_here >= self._per_connection:
            await self.close()
        if self._client is not None and self._client.is_connected:
            return self._client
        settings = self._settings
        tls = settings.smtp_security == "tls"
        client = aiosmtplib.SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            use_tls=tls,
            start_tls=False if tls else settings.smtp_security == "starttls",
            tls_context=None if settings.smtp_security == "none" else tls_context(settings),
            username=settings.smtp_user,
            password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
            timeout=settings.smtp_timeout_seconds,
            local_hostname=settings.mail_from.rpartition("@")[2].strip("> ") or "localhost",
        )
        self.connections += 1
        try:
            # One limit for the whole greeting: a server that drips its answers can't hold us.
            async with asyncio.timeout(settings.smtp_timeout_seconds * 2):
                await client.connect()
        except aiosmtplib.SMTPAuthenticationError as error:
            client.close()
            raise NotTaken(f"login refused {error.code}", down=True) from None
        except aiosmtplib.SMTPResponseException as error:
            client.close()
            raise NotTaken(f"smtp {error.code} at connect", down=True) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            client.close()
            raise NotTaken(_word_for(error, "at connect"), down=True) from None
        self._client, self._sent_here = client, 0
        return client

    async def _envelope(self, client: aiosmtplib.SMTP, sender: str, recipient: str) -> None:
        """MAIL and RCPT: whatever goes wrong here, the server does not have the message."""
        try:
            await client.mail(sender)
            await client.rcpt(recipient)
        except aiosmtplib.SMTPRecipientRefused as error:
            await self._reset(client, error.code)
            raise _refusal(error.code, for_good=_is_about_the_recipient(error)) from None
        except aiosmtplib.SMTPResponseException as error:
            # The sender or the command was refused: our setting's or the server's fault, no person's.
            await self._reset(client, error.code)
            raise _refusal(error.code, for_good=False, down=True) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            self._drop()
            raise NotTaken(_word_for(error, "before the data"), down=True) from None

    async def _reset(self, client: aiosmtplib.SMTP, code: int) -> None:
        """Clear the envelope for the next message; where that fails the connection is given up."""
        if code == _CLOSING:
            self._drop()
            return
        try:
            await client.rset()
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            self._drop()

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None


def tls_context(settings: Settings) -> ssl.SSLContext:
    """Certificates and host names are verified, against the machine's authorities or the file given.

    Raises BadSettings when the file of authorities can't be read.
    """
    try:
        return ssl.create_default_context(cafile=settings.smtp_ca_file)
    except OSError:  # ssl.SSLError is one
        raise BadSettings("The setting STEWARD_SMTP_CA_FILE names no readable PEM file.") from None


def _refusal(code: int, *, for_good: bool, down: bool = False) -> NotTaken:
    return NotTaken(f"smtp {code}", for_good=for_good, down=down or code == _CLOSING)


def _is_about_the_recipient(error: aiosmtplib.SMTPRecipientRefused) -> bool:
    """550 to 599, unless it says that a policy stopped us: then every recipient would be refused."""
    return error.code >= _RECIPIENT_FIRST and _POLICY.search(error.message) is None


def _word_for(error: BaseException, where: str) -> str:
    """A short code for last_error. Never the error's own text: it may hold an address."""
    cause = error.__cause__ or error
    if isinstance(error, ssl.SSLError) or isinstance(cause, ssl.SSLError):
        return f"certificate refused {where}"
    if isinstance(cause, TimeoutError):
        return f"timeout {where}"
    if isinstance(cause, ConnectionRefusedError):
        return f"connect refused {where}"
    if isinstance(cause, aiosmtplib.SMTPNotSupported):
        return f"not supported by the server {where}"
    return f"connection lost {where}"

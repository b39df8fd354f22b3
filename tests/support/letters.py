"""What the mail does in a story where no mail server stands, and what letters say."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email import policy as email_policy

from sqlalchemy import select, update
from sqlmodel import col

from policy.model import Policy
from schemas.columns import table_of
from schemas.machinery import Notice
from schemas.notices import NoticeState, Urgency
from schemas.settings import Settings
from tasks.mail.delivery import DeliveryReport, deliver
from tasks.mail.smtp import Post
from tasks.store import Store
from tests.support.promises import Broken


async def leave(store: Store, at: datetime) -> None:
    """A mail server has taken everything that waited at `at`."""
    async with store.write(audited=False) as session:
        await session.run(
            update(table_of(Notice))
            .where(col(Notice.sent_at).is_(None))
            .values(sent_at=at, state=NoticeState.SENT)
        )


#: So many days after a letter, nobody reads the same words again.
APART = timedelta(days=7)
_RULE = re.compile(r"^-{20,}$", re.MULTILINE)
_NUMBER = re.compile(r"\(Notice\s+(\d+)\)")
_HEAD = re.compile(r"\A\s*(?:Hello [^\n]*,\n|\d+\. [^\n]*\n)")


def words_of(data: bytes) -> dict[int, str]:
    """What a mail says in each of its notices, by the notice's number, which is left out of it.

    It is read up to its HTML: to read the rest too was a twentieth of the school year.
    """
    plain = data[: data.rindex(b"\n--", 0, data.index(b"\nContent-Type: text/html"))]
    (text,) = (one for one in message_from_bytes(plain).walk() if one.get_content_type() == "text/plain")
    written = text.get_payload(decode=True)
    assert isinstance(written, bytes)
    parts = dict[int, str]()
    for part in _RULE.split(written.decode().replace("\r\n", "\n")):
        if number := _NUMBER.search(part):
            said = _HEAD.sub("", part[: number.start()])
            parts[int(number[1])] = " ".join(said.split())
    assert parts, "a mail that names no notice"
    return parts


@dataclass
class Said:
    """What each person read, and when they read it last; and which letters said the same again too soon."""

    _last: dict[tuple[str, str], tuple[date, int]] = field(default_factory=dict)
    again: list[tuple[int, int]] = field(default_factory=list)  # the later notice, and the one before

    def take(self, to: str, data: bytes, on: date) -> None:
        """One mail, taken by a mail server on this day. A copy of the same notice is no second letter."""
        for number, words in words_of(data).items():
            key = (to, hashlib.sha256(words.encode()).hexdigest())
            before = self._last.get(key)
            if before is not None and before[1] != number and on - before[0] < APART:
                self.again.append((number, before[1]))
            self._last[key] = (on, number)


async def told_again(store: Store, said: Said) -> list[Broken]:
    """Letters that told somebody the same as another within a week, unless they were urgent; once each."""
    found, said.again = said.again, []
    if not found:
        return []
    async with store.read() as session:
        rows = await session.run(
            select(col(Notice.id), col(Notice.kind), col(Notice.urgency)).where(
                col(Notice.id).in_([later for later, _ in found])
            )
        )
        of = {row.id: row for row in rows}
    return [
        Broken("told the same again", f"notice {later} as {before}: {of[later].kind}")
        for later, before in found
        if of[later].urgency is not Urgency.URGENT
    ]


@dataclass
class Taken:
    """A mail server that takes every mail, and keeps to whom it went and what it says."""

    letters: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, sender: str, recipient: str, message: bytes) -> None:  # noqa: ARG002 - the port's
        read = message_from_bytes(message, policy=email_policy.default)
        parts = [part.get_content() for part in read.walk() if part.get_content_type() == "text/plain"]
        self.letters.append((recipient, "\n".join([f"{read['From']}\n{read['Subject']}", *map(str, parts)])))

    async def close(self) -> None:
        """Nothing to close."""


async def deliver_at(
    store: Store, policy: Policy, settings: Settings, at: datetime, post: Post
) -> DeliveryReport:
    """Send what is due at a moment; no time goes by meanwhile."""
    return await deliver(store, policy, settings, now=at, clock=lambda: at, worker="one", post=post)

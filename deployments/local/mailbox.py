"""Reading what the local mail catcher kept."""

import email
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy as email_policy
from email.message import EmailMessage
from pathlib import Path


@dataclass(frozen=True)
class Letter:
    """A message as it is read."""

    message: EmailMessage

    @classmethod
    def of(cls, data: bytes) -> "Letter":
        """That of a whole mail."""
        return cls(email.message_from_bytes(data, policy=email_policy.default))

    @property
    def delivered_to(self) -> tuple[str, ...]:
        """The addresses of the envelope: who really gets it."""
        return tuple(str(address) for address in self.message.get_all("Delivered-To", []))

    @property
    def subject(self) -> str:
        """Its subject, decoded."""
        return str(self.message.get("Subject", ""))

    @property
    def text(self) -> str:
        """Its text for people."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """Its HTML; empty where there is none."""
        return self._part("html")

    @property
    def attachments(self) -> tuple[str, ...]:
        """The file names of what is attached."""
        return tuple(part.get_filename() or "unnamed" for part in self.message.iter_attachments())

    def _part(self, kind: str) -> str:
        body = self.message.get_body((kind,))
        return "" if body is None else str(body.get_content())


@dataclass(frozen=True)
class Caught(Letter):
    """One message, by its number in the order of arrival."""

    number: int
    arrived: datetime


def read(folder: Path) -> list[Caught]:
    """Every message, the oldest first; none where no catcher ever ran."""
    paths = [path for path in folder.glob("*.eml") if path.stem.isdigit()]
    return [_read(path) for path in sorted(paths, key=lambda path: int(path.stem))]


def _read(path: Path) -> Caught:
    with path.open("rb") as file:
        message = email.message_from_binary_file(file, policy=email_policy.default)
    arrived = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Caught(message, int(path.stem), arrived)

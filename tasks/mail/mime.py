"""A mail as bytes: its headers, its text and HTML, its calendar. Refuses at the door what could break out.

No socket and no clock here. Names and subjects are people's own words: whatever holds a control character
or the start of an encoded word is refused, since older Pythons turn such a subject into headers.

The standard library puts a body together once for each shape (which parts there are, how each is encoded),
with a slot for every part, and letters are filled in. To let it do so for every letter was half of the
sender's processor time (docs/benchmarks.md): it parses each part's headers a dozen times.
"""

import hashlib
import re
import secrets
import unicodedata
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.charset import QP, Charset
from email.errors import MessageError
from email.headerregistry import Address
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTP, compat32
from email.utils import format_datetime, parseaddr
from functools import cache, lru_cache
from typing import Any

from schemas.errors import BadSettings, MailRefused

POLICY = SMTP.clone(cte_type="7bit")  # every server takes it, and no server needs to rewrite it
_WIRE = compat32.clone(linesep="\r\n", cte_type="7bit")  # every server takes it, and none needs to rewrite it
_QUOTED = Charset("utf-8")
_QUOTED.body_encoding = QP
_LINE_LIMIT = 998  # characters of a line of mail, at most (RFC 5322)
_PRINTABLE, _WORDS = re.compile(r"[!-~]+( [!-~]+)*"), re.compile(r"[A-Za-z0-9]+( [A-Za-z0-9]+)*")
_READ_AT = 76  # a line of text is read with ease, and may be quoted in an answer, up to here
_BEGINNING = re.compile(r" *(?:- |\d+\. )?")
_FOLDED_AT = 78  # a line of mail is better no longer (RFC 5322)

#: Plain addresses only: what a server would need SMTPUTF8 or quoting for is refused.
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+"
)
_ADDRESS_LIMIT = 254
_LINES = {"Zl", "Zp"}  # the line and paragraph separators
_TURNS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # would show a name backwards
#: A longer subject is cut on a phone, and folded into many lines in the header.
SUBJECT_LIMIT = 200


@dataclass(frozen=True)
class Letter:
    """What a person reads, before anybody knows whom it goes to. `calendar` is an iCalendar file.

    `cancelled` is another one, with what is to leave the calendar: a file has one method.
    """

    subject: str
    text: str
    html: str
    calendar: bytes | None = None
    cancelled: bytes | None = None


@dataclass(frozen=True)
class Sender:
    """Who writes, and who gets the answers: from the settings. `pages`: the address of the web pages."""

    name: str
    address: str
    reply_to: str
    pages: str = ""

    @property
    def domain(self) -> str:
        """The right half of every Message-ID and calendar id."""
        return self.address.rpartition("@")[2]


def sender_of(mail_from: str, reply_to: str, pages: str = "") -> Sender:
    """The sender from the settings' two lines. Raises BadSettings naming the setting."""
    name, address = parseaddr(mail_from)
    for setting, value in (("STEWARD_MAIL_FROM", address), ("STEWARD_MAIL_REPLY_TO", reply_to)):
        if not is_address(value):
            raise BadSettings(f"The setting {setting} needs a plain mail address, like name@example.org.")
    return Sender(name, address, reply_to, pages)


def is_address(value: str) -> bool:
    """Whether it is a plain ASCII address that can stand in an envelope."""
    return len(value) <= _ADDRESS_LIMIT and _ADDRESS.fullmatch(value) is not None


def fit_for_a_header(value: str, what: str) -> str:
    """The value unchanged. Raises MailRefused where it could start a header or hide what it says."""
    if "=?" in value:
        raise MailRefused(f"The {what} holds an encoded word: correct it where it comes from.")
    for char in value:
        category = unicodedata.category(char)
        if category in {"Cc", "Cs"} or category in _LINES or char in _TURNS:
            raise MailRefused(
                f"The {what} holds the control character U+{ord(char):04X}: correct it where it comes from."
            )
    return value


def message_id(key: str, domain: str) -> str:
    """The Message-ID of whatever has this key: the same key gives the same id, on every try."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def build(
    letter: Letter,
    *,
    sender: Sender,
    name: str,
    address: str,
    identity: str,
    notices: Sequence[int],
    uncertain: bool,
    now: datetime,
) -> bytes:
    """The whole message as it goes over the wire. `identity` is its Message-ID.

    An `uncertain` copy says so in a header; its text says so in words (see writing). There is no List-Id:
    these are letters to one person about one thing, and nothing that one could leave.
    Raises MailRefused for a name, subject or address that can't stand in a header.
    """
    if not is_address(address):
        raise MailRefused("The person's address is not a plain mail address: correct it in the roster.")
    if len(letter.subject) > SUBJECT_LIMIT:
        raise MailRefused("The subject is longer than a header should be: shorten what it names.")
    try:
        head = [
            _same_each_time("From", sender.name, sender.address),
            _to(fit_for_a_header(name, "name"), address),
            _same_each_time("Reply-To", "", sender.reply_to),
            _line("Subject", fit_for_a_header(letter.subject, "subject")),
            _same_each_time("Date", format_datetime(now)),
            _line("Message-ID", identity),
            _same_each_time("Auto-Submitted", "auto-generated"),
            _same_each_time("X-Auto-Response-Suppress", "OOF, AutoReply"),
            _line("X-Steward-Notice", ", ".join(str(number) for number in notices)),
        ]
        if uncertain:
            head.append(_same_each_time("X-Steward-Repeat", "uncertain"))
        return b"".join(head) + body(wrapped(letter.text), letter.html, letter.calendar, letter.cancelled)
    except (ValueError, UnicodeError, MessageError) as error:
        raise MailRefused("The message can't be written as mail: correct the names in it.") from error


def wrapped(text: str) -> str:
    """The text with no line longer than people read: further lines of a point stand under its first word.

    A single word that is longer, such as an address, stays whole: it must open with a click.
    """
    lines: list[str] = []
    for line in text.split("\n"):
        if len(line) <= _READ_AT:
            lines.append(line)
            continue
        beginning = _BEGINNING.match(line)
        start = beginning[0] if beginning else ""
        begun, *words = line[len(start) :].split(" ")
        begun = start + begun
        for word in words:
            if len(begun) + 1 + len(word) > _READ_AT:
                lines.append(begun)
                begun = " " * len(start) + word
            else:
                begun = f"{begun} {word}"
        lines.append(begun)
    return "\n".join(lines)


def _header(name: str, value: Any) -> bytes:
    """A header, checked, encoded and folded by the standard library's registry of headers.

    Where it folds before an encoded word, it leaves a space at the line's end: people would see two.
    """
    return bytes(POLICY.fold_binary(*POLICY.header_store_parse(name, value))).replace(b" \r\n ", b"\r\n ")


@lru_cache(maxsize=64)
def _same_each_time(name: str, value: str, address: str = "") -> bytes:
    """A header that many letters share. With an address, `value` is the name before it."""
    return _header(name, Address(display_name=value, addr_spec=address) if address else value)


def _line(name: str, value: str) -> bytes:
    """A header of free text. Short and printable ASCII stands as it is; the registry would change nothing."""
    line = f"{name}: {value}"
    plain = len(line) <= _FOLDED_AT and _PRINTABLE.fullmatch(value)
    return f"{line}\r\n".encode("ascii") if plain else _header(name, value)


def _to(name: str, address: str) -> bytes:
    """Whom it is for. Words of letters and digits need neither quotes nor an encoding."""
    line = f"To: {name} <{address}>"
    plain = len(line) <= _FOLDED_AT and _WORDS.fullmatch(name)
    if plain:
        return f"{line}\r\n".encode("ascii")
    return _header("To", Address(display_name=name, addr_spec=address))


@dataclass(frozen=True)
class _Part:
    """A part as it goes over the wire: readable as it is where every server lets it through, or quoted."""

    quoted: bool
    data: bytes


def body(text: str, html: str, calendar: bytes | None, cancelled: bytes | None = None) -> bytes:
    """The headers that say what the body is, an empty line, and the body."""
    parts = {"plain": _part(text), "html": _part(html)}
    files = {"calendar": calendar, "cancelled": cancelled}
    parts |= {kind: _part(file.decode()) for kind, file in files.items() if file is not None}
    slots = {kind.encode(): part.data for kind, part in parts.items()}
    # Nobody's words can hold a boundary, since nobody can guess it.
    slots |= {how: secrets.token_hex(14).encode() for how in (b"alternative", b"mixed")}
    return _frame(*((kind, part.quoted) for kind, part in parts.items())) % slots


def _part(words: str) -> _Part:
    lines = words.replace("\r\n", "\n").replace("\r", "\n")
    readable = lines.isascii() and max(map(len, lines.split("\n"))) <= _LINE_LIMIT
    data = lines.encode() if readable else b2a_qp(lines.encode())
    return _Part(not readable, data.replace(b"\n", b"\r\n"))


@cache  # a dozen shapes at most
def _frame(*shape: tuple[str, bool]) -> bytes:
    """The library's own body of this shape, with slots in the manner of %(name)s. It holds nobody's words."""
    both = _together("alternative", *(_slot(kind, quoted) for kind, quoted in shape[:2]))
    if not shape[2:]:
        return both.as_bytes(policy=_WIRE)
    return _together("mixed", both, *(_file(*one) for one in shape[2:])).as_bytes(policy=_WIRE)


def _file(kind: str, quoted: bool) -> MIMEText:
    """A calendar file, by what it does: adds and moves entries, or takes them out."""
    method, name = {"calendar": ("PUBLISH", "due.ics"), "cancelled": ("CANCEL", "done.ics")}[kind]
    file = _slot(kind, quoted, "calendar")
    file.set_param("method", method)
    file.add_header("Content-Disposition", "attachment", filename=name)
    return file


def _together(how: str, *parts: MIMEBase) -> MIMEMultipart:
    return MIMEMultipart(how, f"%({how})s", parts)


def _slot(kind: str, quoted: bool, subtype: str = "") -> MIMEText:
    return MIMEText(f"%({kind})s", subtype or kind, _QUOTED if quoted else "us-ascii")  # type: ignore[arg-type]

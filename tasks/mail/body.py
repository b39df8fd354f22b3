"""The body of a mail: text and HTML as alternatives, the calendar beside them. No socket and no clock here.

The standard library puts a body together once for each shape (which parts there are, how each is encoded),
with a slot for every part, and letters are filled in. To let it do so for every letter was half of the
sender's processor time (docs/benchmarks.md): it parses each part's headers a dozen times.
"""

import secrets
from binascii import b2a_qp
from dataclasses import dataclass
from email.charset import QP, Charset
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from functools import cache

_WIRE = compat32.clone(linesep="\r\n", cte_type="7bit")  # every server takes it, and none needs to rewrite it
_QUOTED = Charset("utf-8")
_QUOTED.body_encoding = QP
_LINE_LIMIT = 998  # characters of a line of mail, at most (RFC 5322)


@dataclass(frozen=True)
class _Part:
    """A part as it goes over the wire: readable as it is where every server lets it through, or quoted."""

    quoted: bool
    data: bytes


def body(text: str, html: str, calendar: bytes | None) -> bytes:
    """The headers that say what the body is, an empty line, and the body."""
    parts = {"plain": _part(text), "html": _part(html)}
    if calendar is not None:
        parts["calendar"] = _part(calendar.decode())
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
    calendar = _slot(*shape[2])
    calendar.set_param("method", "PUBLISH")
    calendar.add_header("Content-Disposition", "attachment", filename="due.ics")
    return _together("mixed", both, calendar).as_bytes(policy=_WIRE)


def _together(how: str, *parts: MIMEBase) -> MIMEMultipart:
    return MIMEMultipart(how, f"%({how})s", parts)


def _slot(kind: str, quoted: bool) -> MIMEText:
    return MIMEText(f"%({kind})s", kind, _QUOTED if quoted else "us-ascii")  # type: ignore[arg-type]

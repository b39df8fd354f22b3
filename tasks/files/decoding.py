"""From bytes to text: what a file really is, and which encoding it was written in."""

import codecs
import re
from dataclasses import dataclass

from schemas.errors import BadFile, Place
from schemas.language import half

_CHUNK = 1 << 16
_UTF16_SHARE = 0.4  # of the first bytes' even or odd half that is NUL: Western text in UTF-16 has nearly all

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark starts with the other's
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_OTHER_KINDS = (
    (b"\xd0\xcf\x11\xe0", half("this is an old Excel workbook: save it as CSV (UTF-8) and give that file")),
    (b"%PDF", half("this is a PDF: ask its source for the CSV export")),
    (b"\x1f\x8b", half("this is a gzip archive: unpack it first")),
)

_WEB_PAGE = re.compile(rb"\s*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Decoded:
    """The bytes after any byte-order mark, and how to read them. `note` when that was a guess."""

    content: bytes
    encoding: str
    note: str | None = None


def decode(content: bytes, name: str) -> Decoded:
    """How the bytes are to be read. Raises BadFile when they are not text, or in no encoding that we know."""
    _refuse_other_kinds(content, name)
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            rest = content[len(mark) :]
            _check(rest, encoding, name)
            return Decoded(rest, encoding)
    if (guess := _utf16_without_mark(content)) is not None:
        _check(content, guess, name)
        return Decoded(content, guess)
    try:
        _check(content, "utf-8", name)
    except BadFile:
        _check(content, "cp1252", name)
        return Decoded(
            content,
            "cp1252",
            f"{name} is not UTF-8: it was read as Windows-1252; look at the accented letters in the preview.",
        )
    return Decoded(content, "utf-8")


def _refuse_other_kinds(content: bytes, name: str) -> None:
    if not content.strip():
        raise BadFile("the file is empty: export it again", Place(name))
    if content.startswith(b"PK\x03\x04"):
        workbook = b"xl/" in content or b"[Content_Types].xml" in content[:4096]
        raise BadFile(
            "this is an Excel workbook: save it as CSV (UTF-8) and give that file"
            if workbook
            else "this is a zip archive: unpack it and give the CSV file in it",
            Place(name),
        )
    for start, sentence in _OTHER_KINDS:
        if content.startswith(start):
            raise BadFile(sentence, Place(name))
    if _WEB_PAGE.match(content.removeprefix(codecs.BOM_UTF8)[:512]):
        raise BadFile(
            "this is a web page, perhaps the sign-in page of the site: sign in and download the CSV again",
            Place(name),
        )


def _utf16_without_mark(content: bytes) -> str | None:
    """UTF-16 where nearly every second byte is NUL; None where that is not obvious."""
    head = content[:2000]
    pairs = max(len(head) // 2, 1)
    low, high = head[1::2].count(0) / pairs, head[0::2].count(0) / pairs
    if low > _UTF16_SHARE and high < low / 4:
        return "utf-16-le"
    if high > _UTF16_SHARE and low < high / 4:
        return "utf-16-be"
    return None


def _check(content: bytes, encoding: str, name: str) -> None:
    """Decode all of it once, a piece at a time, so that nothing fails halfway. Raises BadFile."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    try:
        for start in range(0, len(content), _CHUNK):
            line += decoder.decode(content[start : start + _CHUNK]).count("\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        good = error.object[: error.start].decode(encoding, "replace")
        wanted = "save it as UTF-8" if encoding == "cp1252" else f"it is not whole {encoding.upper()} text"
        raise BadFile(
            f"the bytes here can't be read as text: {wanted} and give it again",
            Place(name, line + good.count("\n")),
        ) from None

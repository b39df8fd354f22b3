"""The body of an answer: decompressed up to a limit, and decoded to text."""

import codecs
import re
import zlib

from tasks.pages.port import PageUnreadable, Refusal

_PARTS_AT_MOST = 16  # gzip members one after the other; a real server sends one
_META = re.compile(rb"""<meta[^>]{0,500}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.+-]{1,40})""", re.IGNORECASE)
_META_WITHIN = 2048
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Only encodings that browsers know; Python's own list has others that are no encodings of text.
_BROWSERS = re.compile(
    r"^(utf-8|utf-16(-[lb]e)?|cp125[0-8]|cp866|cp874|iso8859-\d+|latin-1|ascii|koi8-[ru]|mac-roman"
    r"|shift_jis|cp932|euc_jp|euc_kr|cp949|gbk|gb2312|gb18030|big5(hkscs)?)$"
)


class Body:
    """Takes the body in pieces and undoes its compression. Never holds more than the limit and one piece."""

    def __init__(self, encoding: str, limit: int) -> None:
        encoding = encoding.strip().lower()
        if encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise PageUnreadable(Refusal.BROKEN, "The page came in a compression that was not asked for.")
        self._limit, self._came, self._parts = limit, 0, 1
        self._kept = bytearray()
        self._form = {"gzip": 31, "x-gzip": 31, "deflate": 15}.get(encoding)
        self._inflate = zlib.decompressobj(self._form) if self._form else None

    def take(self, piece: bytes) -> None:
        """The next piece as it came. Raises PageUnreadable (TOO_LARGE, BROKEN)."""
        self._came += len(piece)
        if self._came > self._limit:
            raise self._too_large()
        if self._inflate is None:
            self._kept += piece
            return
        try:
            self._expand(piece)
        except zlib.error:
            if self._form != zlib.MAX_WBITS or self._kept:
                raise PageUnreadable(
                    Refusal.BROKEN, "The page came broken: it can't be decompressed."
                ) from None
            self._form = -zlib.MAX_WBITS  # some servers send deflate without its wrapping
            self._inflate = zlib.decompressobj(self._form)
            self._retry(piece)

    def _retry(self, piece: bytes) -> None:
        try:
            self._expand(piece)
        except zlib.error:
            raise PageUnreadable(Refusal.BROKEN, "The page came broken: it can't be decompressed.") from None

    def _expand(self, piece: bytes) -> None:
        while piece:
            inflate = self._inflate
            if inflate is None or inflate.eof:
                self._parts += 1
                if self._parts > _PARTS_AT_MOST or self._form is None:
                    raise PageUnreadable(
                        Refusal.BROKEN, "The page came broken: in too many compressed parts."
                    )
                inflate = self._inflate = zlib.decompressobj(self._form)
            self._kept += inflate.decompress(piece, self._limit - len(self._kept) + 1)
            if len(self._kept) > self._limit:
                raise self._too_large()
            piece = inflate.unused_data if inflate.eof else inflate.unconsumed_tail

    def _too_large(self) -> PageUnreadable:
        what = f"The page is larger than {self._limit:,} bytes, more than is read."
        return PageUnreadable(Refusal.TOO_LARGE, what)

    def whole(self) -> bytes:
        """All of it. Raises PageUnreadable (BROKEN) when the compressed body stops in the middle."""
        if self._inflate is not None and self._came and not self._inflate.eof:
            raise PageUnreadable(Refusal.BROKEN, "The page came broken: it stops in the middle.")
        return bytes(self._kept)


def decode(body: bytes, declared: str | None) -> str:
    """The text of a body: by its byte-order mark, the declared charset, its own meta element, or by trial."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    meta = _META.search(body[:_META_WITHIN])
    named = _codec(declared) or _within(_codec(meta.group(1).decode("ascii")) if meta else None)
    if named is not None:
        return body.decode(named, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _within(name: str | None) -> str | None:
    """A page whose meta element can be read as ASCII is not in UTF-16, whatever it says."""
    return "utf-8" if name is not None and name.startswith("utf-16") else name


def _codec(label: str | None) -> str | None:
    if not label:
        return None
    try:
        name = codecs.lookup(label.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return None
    if name in {"iso8859-1", "latin-1", "ascii"}:
        return "cp1252"  # as every browser reads them: that is where typographic quotes come from
    return name if _BROWSERS.match(name) else None

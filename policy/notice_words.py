"""Text as words, so that only words count when a page is held against the notice.

White space, letter case, list numbers, bullets and punctuation are not words. Zero-width characters and soft
hyphens are nothing at all, and so are the marks of footnotes: they say where more stands, not something else.
A symbol (an emoji, an ampersand) inside a sentence is a word: it can change what the sentence says.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from functools import cached_property

_APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u201b\u02bc\u02b9\u2032\u00b4`\uff07"), "'")
_LINE_ENDS = dict.fromkeys(map(ord, "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), "\n")
# Two ligatures that NFKC turns into 18 and 8 letters: a page of them would grow past any bound.
_PLAIN = str.maketrans(_APOSTROPHES | _LINE_ENDS | {0xFDFA: "\ufffd", 0xFDFB: "\ufffd"})
_INVISIBLE = re.compile("[\x00\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
                        "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]")  # fmt: skip
# A raised number, a dagger, a section sign, or a number in brackets, right behind a word or its full stop.
_FOOTNOTE = re.compile(
    "(?<=[^\\W\\d_])[.,;:!?]?(?:[\xb9\xb2\xb3\u2070\u2074-\u2079]{1,3}|[\u2020\u2021\xa7]{1,3}|\\[[0-9a-z]{1,2}\\])(?!\\w)",
    re.IGNORECASE,
)
# Python sorts a run of combining marks in quadratic time: a mark that joins nothing breaks long runs.
_LONG_RUN = re.compile(r"(\S{100})(?=\S)")
# What mail programs make a link of: with a scheme, or a name with a domain.
_LINK = re.compile(
    r"[a-z][a-z0-9+.-]*://\S+|(?:[\w-]+\.)+[a-z]{2,24}(?!\w)(?:[/:?#@]\S*)?|\S+@\S+", re.IGNORECASE
)
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_WORD = re.compile(
    rf"[^\W_](?:[^\W_]|[{_MARKS}])*(?:'[^\W_](?:[^\W_]|[{_MARKS}])*)*"
    r"|[$%&+<=>\xa2-\xb1\xd7\xf7\u2190-\u2bff\U0001f000-\U0001fbff]"
)
_BEFORE = re.compile(
    r"[\n.!?:;()\[\]\"\u201c\u201d\u00ab\u00bb|*\u2022\u00b7]|(?:^|\s)[-\u2010-\u2015]+(?:\s|$)"
)
_AFTER = re.compile(r"[\n.!?|*\u2022\u00b7]")
# Shown from its end to its beginning, until the mark that ends it, or the line.
_REVERSED = re.compile("\u202e([^\u202c\u2069\n]*)")
_SPACES = re.compile(r"\s+")


def _without_footnotes(text: str) -> str:
    """The mark goes, the full stop before it stays."""
    return _FOOTNOTE.sub(lambda found: found[0][:1] if found[0][0] in ".,;:!?" else "", text)


def _plain(text: str) -> str:
    text = _without_footnotes(text)
    if text.isascii():
        return text.translate(_PLAIN)
    text = _REVERSED.sub(lambda found: found[1][::-1], text)
    text = _LONG_RUN.sub("\\1\u034f", text.translate(_PLAIN))
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text).translate(_PLAIN))


@dataclass(frozen=True)
class Words:
    """A text and its words. `folded` is what is compared; `spans` say where each stands in `plain`."""

    plain: str
    spans: list[tuple[int, int]]
    folded: list[str]

    @classmethod
    def of(cls, text: str) -> "Words":
        """The words of a text. Linear in its length, whatever is in it."""
        plain = _plain(text)
        spans = [match.span() for match in _WORD.finditer(plain)]
        return cls(plain, spans, [plain[start:end].casefold() for start, end in spans])

    def __len__(self) -> int:
        return len(self.folded)

    @cached_property
    def _joined(self) -> str:
        return f" {' '.join(self.folded)} "

    def occurrences(self, wanted: "Words") -> Iterator[int]:
        """Where all words of `wanted` stand one after the other: the index of the first word, each time."""
        needle = f" {' '.join(wanted.folded)} "
        index = seen = 0
        at = self._joined.find(needle)
        while at >= 0:
            index += self._joined.count(" ", seen, at)
            seen = at
            yield index
            at = self._joined.find(needle, at + 1)

    def between(self, first: int, last: int) -> str:
        """What stands between two neighbouring words, without the words (-1 and len: the ends)."""
        start = self.spans[first][1] if first >= 0 else 0
        end = self.spans[last][0] if last < len(self) else len(self.plain)
        return self.plain[start:end]

    def begins(self, index: int) -> bool:
        """Whether a sentence may begin with this word: nothing before it belongs to the same sentence."""
        before = index - 1
        return before < 0 or self._symbol(before) or _BEFORE.search(self.between(before, index)) is not None

    def ends(self, index: int, own: str = "") -> bool:
        """Whether a sentence may end with this word; `own` is the mark that ends it in the policy."""
        after = index + 1
        if after >= len(self) or self._symbol(after):
            return True
        gap = self.between(index, after)
        return _AFTER.search(gap) is not None or (own in gap if own else False)

    def numbered(self, index: int) -> bool:
        """Whether this word is a list number or a bullet and no more."""
        word = self.folded[index]
        return self._symbol(index) or (word.isdigit() and len(word) <= 2)  # noqa: PLR2004

    def written(self, start: int, end: int, *, closed: bool = False) -> str:
        """The words from start until end as they are written; `closed`: with the marks after the last one."""
        if start >= end:
            return ""
        until = self.spans[end - 1][1]
        if closed:
            until = self.spans[end][0] if end < len(self) else len(self.plain)
        return _SPACES.sub(" ", self.plain[self.spans[start][0] : until]).strip()

    def _symbol(self, index: int) -> bool:
        return not self.folded[index][0].isalnum()


_KEPT, _LONG_CHANGE, _EDGE = 9, 40, 8


def _short(text: str, *, head: bool, tail: bool) -> str:
    """The unchanged words next to a change; the rest is an ellipsis."""
    words = text.split(" ")
    if len(words) <= head * _KEPT + tail * _KEPT:
        return text
    left = words[:_KEPT] if head else []
    right = words[-_KEPT:] if tail else []
    return " ".join([*left, "…", *right])


def difference(wanted: Words, page: Words, start: int, end: int) -> str:
    """How the page's words from start until end differ from the wanted ones, for people to read.

    `[-gone-]` stands in the policy and not on the page, `{+new+}` on the page and not in the policy. Links of
    the page are left out.
    """
    found = page.folded[start:end]
    steps = SequenceMatcher(None, wanted.folded, found, autojunk=False).get_opcodes()
    parts: list[str] = []
    for number, (kind, a, b, c, d) in enumerate(steps):
        if kind == "equal":
            text = wanted.written(a, b, closed=True)
            parts.append(_short(text, head=number > 0, tail=number < len(steps) - 1))
            continue
        if a < b:
            parts.append(f"[-{_short_change(wanted.written(a, b))}-]")
        if c < d:
            parts.append(f"{{+{_unlinked(_short_change(page.written(start + c, start + d)))}+}}")
    return " ".join(parts)


def _unlinked(text: str) -> str:
    """Words of a page without its links: a letter that quotes the page must not lead to where it wants."""
    return _LINK.sub("(a link)", text)


def _short_change(text: str) -> str:
    words = [word if len(word) <= _LONG_CHANGE else word[:_LONG_CHANGE] + "…" for word in text.split(" ")]
    return " ".join([*words[:_LONG_CHANGE], "…"] if len(words) > _LONG_CHANGE else words)


def nearest(wanted: Words, page: Words, diagonals: list[int], own: str) -> tuple[int, int, int] | None:
    """The page's words that most resemble the wanted ones: start, end, and how many words they share.

    Only says where a difference is shown best. It never makes anything pass. `diagonals` are the places
    on the page where the first wanted word would stand.
    """
    best: tuple[int, int, int] | None = None
    slack = len(wanted) // 2 + _EDGE
    for diagonal in diagonals:
        low, high = max(0, diagonal - slack), min(len(page), diagonal + len(wanted) + slack)
        matcher = SequenceMatcher(None, wanted.folded, page.folded[low:high], autojunk=False)
        blocks = [block for block in matcher.get_matching_blocks() if block.size]
        _drop_strays(blocks)
        if not blocks:
            continue
        shared = sum(block.size for block in blocks)
        if best is None or shared > best[2]:
            last = blocks[-1]
            best = (low + blocks[0].b, low + last.b + last.size, shared)
    return None if best is None else (*_whole_sentence(page, best[0], best[1], own), best[2])


def _drop_strays(blocks: list[Match]) -> None:
    """Words like `the` that match far away from the rest belong to another sentence."""
    while len(blocks) > 1 and _stray(blocks[0], blocks[0], blocks[1]):
        blocks.pop(0)
    while len(blocks) > 1 and _stray(blocks[-1], blocks[-2], blocks[-1]):
        blocks.pop()


def _stray(edge: Match, left: Match, right: Match) -> bool:
    on_page = right.b - left.b - left.size
    wanted = right.a - left.a - left.size
    return edge.size <= 2 and on_page > wanted + 4  # noqa: PLR2004


def _whole_sentence(page: Words, start: int, end: int, own: str) -> tuple[int, int]:
    """Widened to the words of the same sentence on both sides: what was put before or after it shows, too."""
    for _ in range(_EDGE):
        if page.begins(start) or page.numbered(start - 1):
            break
        start -= 1
    for _ in range(_EDGE):
        if page.ends(end - 1, own):
            break
        end += 1
    return start, end

"""Templates in the language of who reads them.

A template is written once, in English, and is translated before it is compiled: line by line, where a line
holds words. What is translated may have conditions and values of its own, so that a French sentence need not
be built as the English one. In a page what stands between two tags of a block is such a unit, too.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from schemas.language import SOURCE, before, catalogue

_JINJA = r"\{\{.*?\}\}|\{%.*?%\}"
_TOKEN = re.compile(
    r"(?P<comment>\{#.*?#\}|<!--.*?-->|<!doctype[^>]*>|^::: ?\w*$)"
    r"|(?P<statement>\{%.*?%\})|(?P<value>\{\{.*?\}\})"
    rf"|(?P<tag></?[a-z](?:{_JINJA}|\"(?:{_JINJA}|[^\"])*\"|[^<>\"])*>)|(?P<newline>\n)"
    r"|(?P<dot> · )|(?P<text>(?:(?!\{\{|\{%|\{#|</?[a-z]|<!--| · )[^\n])+)",
    re.DOTALL | re.MULTILINE,
)
#: What a sentence may hold. Any other tag ends it.
_WITHIN = frozenset({"a", "abbr", "code", "em", "kbd", "strong", "time"})
#: Statements that a sentence never holds.
_APART = frozenset(
    {
        "extends",
        "block",
        "endblock",
        "set",
        "endset",
        "macro",
        "endmacro",
        "import",
        "from",
        "include",
        "with",
    }
)
_PAIRS = {"endif": "if", "endfor": "for"}
#: What an aid reads aloud.
_SPOKEN = re.compile(rf"\s(?:aria-label|alt|title|placeholder)=\"((?:{_JINJA}|[^\"])*)\"", re.DOTALL)
_LITERAL = re.compile(r"\"([^\"]*)\"|'([^']*)'")
#: Literals that nobody reads: what a value is compared with, and what a function is given.
_UNREAD = re.compile(
    r"(?:==|!=)\s*(?:\"[^\"]*\"|'[^']*')|\bin\s*\([^)]*\)"
    r"|\b(?!link\b|default\b)\w+\([^()]*\)|\w+\[[^\]]*\]"
)
#: A macro, which has its words where it is written.
_CALL = re.compile(r"\{\{-?\s*\w+\(")
#: It is called the same everywhere.
OUR_NAME = "Steward"
_LETTER = re.compile(r"[^\W\d_]")
_ENTITY = re.compile(r"&\w+;")


@dataclass(frozen=True)
class Unit:
    """Words of a template that are translated as one, and where they stand in it."""

    start: int
    end: int
    words: str


@dataclass(frozen=True)
class Token:
    """A piece of a template: words, a value, a statement, a tag, or an end of what stands before."""

    kind: str
    start: int
    words: str

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.start + len(self.words)

    @property
    def name(self) -> str:
        """The tag's name, or the statement's word."""
        found = re.match(r"</?([a-z0-9]+)|\{%-?\s*(\w+)", self.words)
        return (found[1] or found[2]) if found else ""

    @property
    def opens(self) -> bool:
        """Whether it has another end."""
        if self.kind == "tag":
            return not self.words.startswith("</")
        return self.name in _PAIRS.values()

    @property
    def closes(self) -> bool:
        """Whether it is that other end."""
        return self.words.startswith("</") if self.kind == "tag" else self.name in _PAIRS

    @property
    def is_apart(self) -> bool:
        """Whether no sentence goes on over it."""
        if self.kind == "tag":
            return self.name not in _WITHIN
        return self.kind in {"comment", "newline"} or (self.kind == "statement" and self.name in _APART)

    def has_words(self) -> bool:
        """Whether it holds letters that somebody reads."""
        if self.kind == "text":
            return _LETTER.search(_ENTITY.sub("", self.words)) is not None
        if self.kind != "value" or _CALL.match(self.words):
            return False
        read = [one or other for one, other in _LITERAL.findall(_UNREAD.sub("", self.words))]
        return any(_LETTER.search(one) for one in read if one != OUR_NAME)


def tokens(source: str) -> Sequence[Token]:
    """All of a template, piece by piece."""
    return [Token(match.lastgroup or "", match.start(), match.group()) for match in _TOKEN.finditer(source)]


def units(source: str) -> Sequence[Unit]:
    """What is to be translated of a template, from its beginning to its end."""
    every = tokens(source)
    found: list[Unit] = []
    segment: list[Token] = []
    for token in [*every, Token("newline", len(source), "")]:
        if token.is_apart:
            found += _of_segment(segment)
            segment = []
        else:
            segment.append(token)
    for token in every:
        if token.kind == "tag" and not any(one.start <= token.start < one.end for one in found):
            found += _of_attributes(token)
    return sorted(found, key=lambda one: one.start)


def _of_attributes(tag: Token) -> Iterator[Unit]:
    for match in _SPOKEN.finditer(tag.words):
        if any(one.has_words() for one in tokens(match[1])):
            yield Unit(tag.start + match.start(1), tag.start + match.end(1), match[1])


def _of_segment(segment: Sequence[Token]) -> Iterator[Unit]:
    """What stands between two breaks: ended, too, by what has no other end in it."""
    level, pairs = _matched(segment)
    part: list[Token] = []
    for place, token in enumerate(segment):
        lonely = token.kind in {"tag", "statement"} and place not in pairs
        if lonely or (token.kind == "dot" and level[place] == 0):
            yield from _of_part(part)
            part = []
        else:
            part.append(token)
    yield from _of_part(part)


def _matched(segment: Sequence[Token]) -> tuple[Sequence[int], dict[int, int]]:
    """How deep each token stands, and the places of those that have their other end here."""
    open_: list[tuple[int, str]] = []
    pairs: dict[int, int] = {}
    branches: dict[int, list[int]] = {}
    for place, token in enumerate(segment):
        if token.kind not in {"tag", "statement"}:
            continue
        if token.opens:
            open_.append((place, token.name))
        elif token.closes:
            wanted = _PAIRS.get(token.name, token.name)
            if open_ and open_[-1][1] == wanted:
                begun, _ = open_.pop()
                pairs |= {begun: place, place: begun, **dict.fromkeys(branches.get(begun, ()), begun)}
        elif open_ and token.name in {"elif", "else"} and open_[-1][1] in {"if", "for"}:
            branches.setdefault(open_[-1][0], []).append(place)
    spans = [(one, other) for one, other in pairs.items() if one < other]
    return [sum(one < place < other for one, other in spans) for place in range(len(segment))], pairs


def _of_part(part: Sequence[Token]) -> Iterator[Unit]:
    """One unit, without what merely stands around it; none where nobody reads anything."""
    part = _bare(list(part))
    if any(one.has_words() for one in part):
        words = "".join(one.words for one in part)
        start = part[0].start + len(words) - len(words.lstrip())
        yield Unit(start, start + len(words.strip()), words.strip())


def _bare(part: list[Token]) -> list[Token]:
    while part:
        if part[0].kind == "text" and not part[0].words.strip():
            part = part[1:]
        elif part[-1].kind == "text" and not part[-1].words.strip():
            part = part[:-1]
        elif (
            len(part) > 1 and part[0].opens and _matched(part)[1].get(0) == len(part) - 1 and not _forks(part)
        ):
            part = part[1:-1]
        else:
            break
    return part


def _forks(part: Sequence[Token]) -> bool:
    """Whether the condition around a part has another branch."""
    return part[0].kind == "statement" and any(one.name in {"else", "elif"} for one in part)


def translated(source: str, say: Callable[[str], str]) -> str:
    """The template with each unit as `say` gives it."""
    made, end = "", 0
    for unit in units(source):
        made += source[end : unit.start] + say(unit.words)
        end = unit.end
    return made + source[end:]


#: A word that may lose its vowel before a value, and the value.
_SHORTENED = re.compile(r"\b(de|De|que|Que) \{\{-? (.+?) -?\}\}")


def after(value: Any, word: str) -> Any:
    """The value with the word before it, as the language spoken writes the two: de Omar is d'Omar."""
    begins = before(word, str(value))
    return begins + value if isinstance(value, str) else f"{begins}{value}"


class Templates(FileSystemLoader):
    """The templates of a folder, in one language. A unit that its catalogue lacks stays English."""

    def __init__(self, folder: Path, language: str) -> None:
        super().__init__(folder)
        self.language = language

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """As Jinja asks for it."""
        source, path, fresh = super().get_source(environment, template)
        if self.language != SOURCE:
            source = translated(source, self._said)
        return source, path, fresh

    def _said(self, words: str) -> str:
        return _SHORTENED.sub(r'{{ (\2) | after("\1") }}', catalogue(self.language).gettext(words))

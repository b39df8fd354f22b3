"""A language in which every text of ours is marked, so that what is not marked shows.

It is English, with marks around each text and none around the values in it, and takes the place of French.
What stands in a page or a letter outside the marks must come from the policy file, the store or a calendar.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from babel.dates import get_day_names, get_month_names
from babel.messages import pofile
from pydantic import BaseModel

from deployments.texts import template
from policy.model import Policy
from portal import pages
from schemas import language
from schemas.language import FIELD
from tasks.mail import markup
from tasks.translated import tokens

_LETTER = re.compile(r"[^\W\d_]")
_MARKED = re.compile(r"⟦[^⟦⟧]*(?:⟧|…|$)")
#: What a literal that nobody reads stands behind: it is compared, an argument, a part of a list.
_UNREAD = re.compile(r"(?:=|\bin|(?<!default)(?<!link)\(|\[|,)\s*$")
_LITERAL = re.compile(r'"([^"]*)"')
_DAYS = {
    word.strip(".").lower()
    for width in ("wide", "abbreviated")
    for names in (get_day_names(width, locale="fr_CA"), get_month_names(width, locale="fr_CA"))
    for word in names.values()
}
#: What may stand around a piece.
_AROUND = " \t*_.-?!'#>|=&+@\N{EN DASH}\N{RIGHT SINGLE QUOTATION MARK}\N{LEFTWARDS ARROW}…"
#: Not ours to translate: names, units of time, what an address is made of.
_EVERYWHERE = {"steward", "er", "h", "csv", "sha", "https", "http", "fr", "en", "id", "prefect"}


def _wrapped(words: str) -> str:
    return f"⟦{words}⟧" if _LETTER.search(words) else words


def _shown(found: re.Match[str]) -> str:
    before, behind = found.string[: found.start()], found.string[found.end() :]
    is_read = not _UNREAD.search(before) and not behind.lstrip().startswith(":")
    return f'"{_wrapped(found[1])}"' if is_read else found[0]


def _marked(text: str) -> str:
    if "{{" not in text and "{%" not in text and "<" not in text:
        return "".join(
            _wrapped(part) if place % 2 == 0 else f"{{{part}}}"
            for place, part in enumerate(FIELD.split(text))
        )
    made = ""
    for token in tokens(text):
        if token.kind == "text":
            made += _wrapped(token.words)
        elif token.kind == "value":
            made += _LITERAL.sub(_shown, token.words)
        else:
            made += token.words
    return made


@contextmanager
def marked(folder: Path) -> Iterator[None]:
    """Speak it where French is chosen, within the block."""
    texts = template()
    for one in texts:
        if one.id:
            one.string = tuple(map(_marked, one.id)) if isinstance(one.id, tuple) else _marked(str(one.id))
    with (folder / "fr.po").open("wb") as file:
        pofile.write_po(file, texts)
    with patch.object(language, "FOLDER", folder):
        _forget()
        try:
            yield
        finally:
            _forget()


def _forget() -> None:
    for one in (language.catalogue, language._sentences, pages.environment, markup._environment):
        one.cache_clear()


def strings(of: object) -> Iterator[str]:
    """Every text in a value, a model or a row, however deep."""
    if isinstance(of, str):
        yield of
    elif isinstance(of, Mapping):
        for one in of.values():
            yield from strings(one)
    elif isinstance(of, BaseModel):
        yield from strings({name: getattr(of, name) for name in type(of).model_fields})
    elif isinstance(of, Iterable):
        for one in of:
            yield from strings(one)


def corpus(policy: Policy, *rows: Any) -> str:
    """What a policy says and what these rows hold, to look in."""
    held = [" ".join(one.split()).lower() for one in strings([policy, *rows])]
    as_words = (one.replace("-", " ") for one in held if " " not in one)  # a control's name, on a page
    return "\n".join((*held, *as_words))


def english(words: str, known: str) -> list[str]:
    """The pieces of a text that are neither marked, nor known, nor of a calendar."""
    left = words
    while (less := _MARKED.sub("\n", left)) != left:  # a name within a text may be a text of its own
        left = less
    pieces = [
        piece.strip(_AROUND).lower()
        for piece in re.split(r"[\n(),:;·/«»\[\]{}“”\"]|[?.] |https?://\S+|\S+@\S+\.\S+", left)
    ]
    return sorted({piece for piece in pieces if _LETTER.search(piece) and not _is_known(piece, known)})


def _is_known(piece: str, known: str) -> bool:
    if " ".join(piece.split()) in known:
        return True
    words = [one.strip(".") for one in re.findall(r"[^\W\d_]+\.?", piece)]
    return all(one in _DAYS or one in _EVERYWHERE for one in words)

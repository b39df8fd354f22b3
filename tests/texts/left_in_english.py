"""Sentences of ours that a text has in English, where it should have none."""

import re
from collections.abc import Iterator
from functools import cache

from deployments.texts import read
from schemas.language import FIELD
from tasks.translated import tokens

#: Fewer words than so many may be anybody's.
_WORDS = 3
_WORD = re.compile(r"[^\W\d_]+")


def plain(words: str) -> str:
    """The words without markup and line breaks."""
    return " ".join(words.replace("*", "").split())


@cache
def _pieces(language: str) -> frozenset[str]:
    """What the catalogue's English texts say between their values, but for what stays as it is."""
    found = set()
    for one in read(language):
        if not one.id:
            continue
        said = " ".join(map(plain, one.string if isinstance(one.string, tuple) else [str(one.string)]))
        for text in one.id if isinstance(one.id, tuple) else [str(one.id)]:
            found |= {piece for piece in map(plain, _between(text)) if piece not in said}
    return frozenset(one for one in found if len(_WORD.findall(one)) >= _WORDS)


def _between(text: str) -> Iterator[str]:
    if "{{" in text or "{%" in text or "<" in text:
        for token in tokens(text):
            if token.kind == "text":
                yield token.words
    else:
        yield from FIELD.split(text)[::2]


def left_in_english(words: str, language: str, known: str) -> list[str]:
    """The sentences of ours, or parts of them, that stand there in English.

    `known`: what may stand there in any language, such as the corpus of a policy.
    """
    said = plain(words)
    return [
        one
        for one in _pieces(language)
        if one in said and re.search(rf"(?<!\w){re.escape(one)}(?!\w)", said) and one.lower() not in known
    ]

"""One English word is one French word: the table of docs/glossary.md, and the catalogue held to it."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from deployments.texts import read
from schemas.language import FIELD
from schemas.settings import ROOT
from tasks.translated import tokens

TABLE = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").partition("## In French")[2]
#: Words that nobody in Alberta's French schools writes, wherever they would stand.
NOWHERE = re.compile(
    r"\b(?:e-?mails?|mél|login|plate-formes?|week-end|suppléant\w*|usagers?|pseudos?)\b", re.IGNORECASE
)


class Term(NamedTuple):
    """A row: texts with one of these words have one of these in French, and never those."""

    english: tuple[str, ...]
    french: tuple[str, ...]
    never: str


def terms() -> Iterator[Term]:
    for line in TABLE.splitlines():
        cells = [one.strip() for one in line.strip("|").split("|")]
        if len(cells) == 3 and cells[0] not in {"English", "---"}:
            yield Term(tuple(cells[0].split(", ")), tuple(cells[1].split(", ")), cells[2])


def bare(text: str) -> str:
    """The words of a text, without what is put in and what a program reads."""
    if "{{" in text or "{%" in text or "<" in text:
        text = " ".join(one.words for one in tokens(text) if one.kind == "text")
    return re.sub(r"`[^`]*`|--\w[\w-]*|'[^']*'", " ", FIELD.sub(" ", text)).lower()


def texts() -> Iterator[tuple[str, str]]:
    """Every text with its French, in lower case; each plural by itself."""
    for one in read("fr"):
        if one.id:
            pair = (one.id, one.string) if isinstance(one.id, tuple) else ((one.id,), (one.string,))
            yield from ((bare(english), bare(french)) for english, french in zip(*pair, strict=True))


def has(words: str, one: str) -> bool:
    """Whether a word stands there, or several of it."""
    return re.search(rf"\b{re.escape(one.lower())}s?\b", words) is not None


@pytest.mark.parametrize("term", tuple(terms()), ids=lambda one: one.english[0])
def test_a_word_is_the_same_word_in_french(term: Term) -> None:
    meant = [(e, f) for e, f in texts() if any(has(e, one) for one in term.english)]
    assert meant, "no text has it: take the row out"
    wrong = [
        (english, french)
        for english, french in meant
        if not any(has(french, one) for one in term.french)
        or re.search(rf"\b{re.escape(term.never)}\b", french)
    ]
    assert wrong == []


def test_no_word_stands_in_french_that_nobody_here_uses() -> None:
    assert [french for _, french in texts() if NOWHERE.search(french)] == []


def test_the_form_of_an_account_and_a_report_of_the_public_are_called_otherwise() -> None:
    """In French both were “Signaler un compte”."""
    said = {str(one.id): str(one.string) for one in read("fr") if one.id}
    assert said["Report an account"].startswith("Déclarer")
    assert said["Report the account"].startswith("Déclarer")
    assert said["Report an account or a post"].startswith("Signaler")

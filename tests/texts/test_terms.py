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


#: How French is set in Canada: a no-break space before a colon and within guillemets, none before ; ! and ?,
#: and a curved apostrophe. A space that breaks leaves a colon alone at the start of a line.
BADLY_SET = re.compile(
    r"[^\S\u00a0]:(?:\s|$)|(?<=[^\W\d]):(?=\s)|«[^\u00a0]|[^\u00a0]»|\s[;!?](?!\w)|[^\W\d]'[^\W\d]"
)
#: A man's word for somebody who may be anybody; a sentence about "the person" is for everybody.
A_MANS = re.compile(
    r"\b(?:remplaçants?|administrateurs?|tous les concernés|le (?:demandeur|décideur|déclarant)"
    r"|ceux qui (?:l\u2019administrent|peuvent|pouvaient|doivent))\b",
    re.IGNORECASE,
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


def words_of(text: str) -> str:
    """What is read of a text: of a template, what stands between its tags."""
    is_template = "{{" in text or "{%" in text or "<" in text
    said = "\u2060".join(one.words for one in tokens(text) if one.kind == "text") if is_template else text
    return re.sub(r"`[^`]*`|--\w[\w-]*|'[^']*'|mailto:", "x", said)


def french() -> Iterator[str]:
    for one in read("fr"):
        if one.id:
            yield from (
                words_of(str(said))
                for said in (one.string if isinstance(one.string, tuple) else (one.string,))
            )


def test_french_is_set_as_it_is_set_in_canada() -> None:
    assert [said for said in french() if BADLY_SET.search(said)] == []


def test_nobody_is_taken_for_a_man() -> None:
    assert [said for said in french() if A_MANS.search(said)] == []


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("Raison : aucune", True),
        ("Raison: aucune", True),
        ("Raison\u00a0: aucune", False),
        ("https://x.example.org, à 10:30", False),
        ("« ici »", True),
        ("«\u00a0ici\u00a0»", False),
        ("Qui ?", True),
        ("Qui?", False),
        ("C'est lui", True),
        ("C\u2019est elle", False),
    ],
)
def test_what_is_badly_set_is_seen(said: str, wrong: bool) -> None:
    assert (BADLY_SET.search(said) is not None) is wrong


def test_the_form_of_an_account_and_a_report_of_the_public_are_called_otherwise() -> None:
    """In French both were “Signaler un compte”."""
    said = {str(one.id): str(one.string) for one in read("fr") if one.id}
    assert said["Say that a new account is there"].startswith("Déclarer")
    assert said["Report the account"].startswith("Déclarer")
    assert said["Report an account or a post"].startswith("Signaler")

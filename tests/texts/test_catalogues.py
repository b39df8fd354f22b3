"""The catalogues: as the code asks for them, whole, and each translation of the form of its text."""

import re
from collections import Counter
from typing import Any

import pytest
from babel.messages import Catalog
from jinja2 import Environment, nodes

from deployments.texts import messages, missing, read
from schemas import language
from schemas.language import FIELD, LANGUAGES, SOURCE, speaking
from tasks.translated import units

OTHERS = [one for one in LANGUAGES if one != SOURCE]
_TAG = re.compile(r"</?([a-z]+[0-9]?)\b")
_LEADS_TO = re.compile(r"(?:href|src)=\"([^\"]*)\"")
_MARKDOWN = re.compile(r"\*\*|^(?:- |\d\. |> )")


def pairs(catalogue: Catalog) -> list[tuple[str, str]]:
    """Each text with its translation, each plural form for itself."""
    found = []
    for one in catalogue:
        if not one.id:
            continue
        ids = one.id if isinstance(one.id, tuple) else (one.id,)
        strings = one.string if isinstance(one.string, tuple) else (one.string,)
        found += [(str(ids[min(place, len(ids) - 1)]), str(said)) for place, said in enumerate(strings)]
    return [(text, said) for text, said in found if said]


def names(text: str) -> set[str]:
    """The values that a line of a template names."""
    found = Environment().parse(text).find_all(nodes.Name)  # noqa: S701 - nothing is rendered
    return {one.name for one in found} - {"loop"}


def is_template(text: str) -> bool:
    """Whether it is a line of a template that has values."""
    return "{{" in text or "{%" in text


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_has_what_the_code_says_and_nothing_else(language: str) -> None:
    wanted = {((one.text, one.many) if one.many else one.text, one.context) for one in messages()}
    assert {
        (one.id, one.context) for one in read(language) if one.id
    } == wanted  # python -m deployments.texts


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_to_translate(language: str) -> None:
    assert missing(read(language)) == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_values_and_the_markup_of_its_text(language: str) -> None:
    wrong = []
    for text, said in pairs(read(language)):
        same: list[tuple[Any, Any]] = [
            (Counter(_TAG.findall(text)), Counter(_TAG.findall(said))),
            (sorted(_LEADS_TO.findall(text)), sorted(_LEADS_TO.findall(said))),
            (Counter(_MARKDOWN.findall(text)), Counter(_MARKDOWN.findall(said))),
        ]
        if is_template(text):
            same.append((names(text), names(said)))
        else:
            same.append((set(FIELD.findall(text)), set(FIELD.findall(said))))
        if any(one != other for one, other in same):
            wrong.append((text, said))
    assert wrong == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_has_words_of_a_value_that_the_text_compares(language: str) -> None:
    compared = re.compile(r"(?:==|!=)\s*\"[^\"]*\"")
    assert [
        (text, said)
        for text, said in pairs(read(language))
        if not set(compared.findall(said)) <= set(compared.findall(text))
    ] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello {{ name }},<br>you</p>", ["Hello {{ name }},", "you"]),
        ('<p><a href="/">← Yours</a></p>', ["← Yours"]),
        ('See <a href="/">this</a> first', ['See <a href="/">this</a> first']),
        ("{% if a %}One{% else %}Other{% endif %}", ["{% if a %}One{% else %}Other{% endif %}"]),
        ("<p>{% if a %}One</p>{% endif %}", ["One"]),
        ("<b>{% if a %}One{% endif %}</b>", ["One"]),
        ('<p class="{{ "warn" if a }}">{{ a }}</p>', []),
        ('<img alt="A {{ a }} here">', ["A {{ a }} here"]),
        ('{{ "One" if a == "one" else a }}', ['{{ "One" if a == "one" else a }}']),
        ('{{ a == "one" }}{{ said("one") }}{# never #}', []),
        ("**{{ a }}**: one\n- two · three", ["**{{ a }}**: one", "- two", "three"]),
        ("{% for a in b %}{{ a }}{% if c %} and {% endif %}{% endfor %}.", [
            "{% for a in b %}{{ a }}{% if c %} and {% endif %}{% endfor %}."
        ]),
    ],
)  # fmt: skip
def test_what_people_read_is_found_between_the_tags(source: str, found: list[str]) -> None:
    assert [one.words for one in units(source)] == found
    assert all(source[one.start : one.end] == one.words for one in units(source))


@pytest.mark.parametrize("words", ["Said by nobody: ", "Said by nobody. ", "", " "])
def test_nothing_is_said_as_nothing(words: str) -> None:
    """A catalogue has its own head where it is asked for nothing."""
    with speaking("fr"):
        assert language.said(words) == words


@pytest.mark.parametrize("words", ["Correcting what is misleading: nobody did.", "Somebody is here."])
def test_what_nobody_knows_is_not_taken_for_a_sentence_that_is_nearly_all_values(words: str) -> None:
    with speaking("fr"):
        assert language.said(words) == words


def test_a_cause_is_a_text_however_it_comes_to_its_move() -> None:
    """Named before, chosen of two, or handed to another function: an account's history shows it."""
    asked = {one.text for one in messages()}
    assert asked >= {
        "administrators have access",
        "gates are met again",
        "no answer in time",
        "school merged",
    }
    assert not [one for one in asked if "/v{v" in one]  # a key of a letter is no text

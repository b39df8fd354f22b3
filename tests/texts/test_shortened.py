"""French shortens "de" and "que" before a vowel, whoever's name comes: in code, in letters and on pages."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment
from markupsafe import Markup

from policy.model import Policy
from policy.notices import KINDS
from schemas.language import before, said, speaking, t
from tasks.mail.mime import sender_of
from tasks.mail.writing import entry, letter
from tasks.translated import Templates, after
from tests.mail.mail_cases import context

SENDER = sender_of("Steward <steward@example.org>", "communications@example.org")
APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ("Ann Lee", f"d{APOSTROPHE}"),
        ("\u00c9lise", f"d{APOSTROPHE}"),
        ("\u0152uvres", f"d{APOSTROPHE}"),
        ("Ravi", "de "),
        ("Haddad", "de "),
        ("Yves", "de "),
        ("@lakeside.school", "de "),
        ("42", "de "),
        ("", "de "),
    ],
)
def test_before_a_vowel_a_word_is_shortened(value: str, made: str) -> None:
    assert before("de", value) == "de "
    with speaking("fr"):
        assert before("de", value) == made


@pytest.mark.parametrize(("name", "of"), [("Omar", f"d{APOSTROPHE}Omar"), ("Ravi", "de Ravi")])
def test_a_text_of_code_is_shortened_where_its_value_comes(name: str, of: str) -> None:
    with speaking("fr"):
        assert t("the leave of {name}", name=name) == f"l{APOSTROPHE}autorisation {of}"
        sentence = f"The designation of {name} for account 3 alone counts no more from now on."
        assert f"La désignation {of} pour le seul compte 3" in said(sentence)


@pytest.mark.parametrize(("name", "of"), [("Ida", f"d{APOSTROPHE}Ida"), ("Ravi", "de Ravi")])
def test_a_template_is_shortened_where_its_value_comes(name: str, of: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>For {{ reading.deputy_for }}, who is away.</p>")
    made = Environment(loader=Templates(tmp_path, "fr"), autoescape=True)
    made.filters["after"] = after
    with speaking("fr"):
        page = made.get_template("page.html").render(reading={"deputy_for": name})
    assert page == f"<p>En l{APOSTROPHE}absence {of}.</p>"


def test_what_is_ready_to_be_read_stays_so() -> None:
    with speaking("fr"):
        assert after(Markup("<b>Ida</b>"), "de") == Markup("de <b>Ida</b>")
        assert after(3, "de") == "de 3"


def test_a_clause_stands_outside_of_the_words_that_it_follows() -> None:
    english = (
        "This request is decided by the principal (6.2): only who holds that office today may, or a deputy."
    )
    with speaking("fr"):
        assert "\N{NO-BREAK SPACE}\u00bb (6.2)\N{NO-BREAK SPACE}: seule" in said(english)


def test_no_letter_has_a_whole_word_before_a_name_that_shortens_it(policy: Policy) -> None:
    named = re.compile(r"\b(?:de|que) (?:Ann|Ida|Omar|AP 1)\b")
    found = {}
    for kind in KINDS.values():
        with speaking("fr"):
            case = context(kind, policy)
            made = letter([entry(case, SENDER)], case, SENDER)
        if wrong := named.findall(f"{made.subject}\n{made.text}"):
            found[kind.kind] = wrong
    assert found == {}

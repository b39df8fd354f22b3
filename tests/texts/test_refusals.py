"""What is wrong with a field is said in the language of the page, whatever was typed, wherever it is said."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from policy.controls import KINDS
from policy.known import refuse_unknown
from policy.model import Policy, load
from portal.fields import has_page
from portal.saying import on_page
from schemas.errors import BadInput, BadPolicy
from schemas.forms import ActForm, read
from schemas.language import said, speaking, t
from schemas.plain_words import why_wrong
from schemas.settings import Settings
from tasks.acts.table import ACTS
from tests.policy.broken_files import NOT_TOML, REFUSED, SHIPPED, changed
from tests.portal.browser import Portal
from tests.support.world import CO, World
from tests.texts.marked import corpus, english, marked

#: What people type, and what no page of ours sends.
TYPED: tuple[Any, ...] = (
    *("", "x", "x\ny", "x\x07", "x y", "hunter2!Xq9", "9" * 19, "0", "-1", "1.5", "@", "a@b", "http://", "#"),
    *("https://a b", "https://x:1y", "2026-13-45", "2026-09-30T14:30:00Z", "x" * 30_000, ["", "@"], None),
    *("2026-09-30 25:00", "2026-09-30 14:30", 1.5, {}, "https://x@y/", "hunter2!Xq9/x"),
)
DAY = "ceci n\N{RIGHT SINGLE QUOTATION MARK}est pas un jour\N{NO-BREAK SPACE}: écrivez-le comme 2026-09-30"
#: A choice of a closed list is quoted as the form sends it.
_QUOTED = re.compile(r"'[^']*'")


def refused(form: type[ActForm], policy: Policy) -> Iterator[BadInput]:
    """Each field with each of these, others missing."""

    def called(name: str) -> str:
        return t(form.model_fields[name].title or name)

    for name in form.model_fields:
        for typed in TYPED:
            try:
                refuse_unknown(read(form, {"actor": "1", name: typed}, called), policy)
            except BadInput as error:
                yield error


def test_every_field_is_refused_in_the_language_of_the_page(policy: Policy, tmp_path: Path) -> None:
    said_of: dict[str, str] = {}
    with marked(tmp_path), speaking("fr"):
        for form in {ACTS[name].load().form for name in ACTS if has_page(name)}:
            for error in refused(form, policy):
                whole = error.shown.partition(": ")[2]
                said_of |= dict.fromkeys([*error.fields.values(), *([] if error.fields else [whole])], "")
        known = corpus(policy)
        wrong = {one: found for one in said_of if (found := english(_QUOTED.sub("", said(one)), known))}
    assert wrong == {}
    assert len(said_of) > len(TYPED)


@pytest.mark.parametrize(
    ("words", "in_french"),
    [
        ("say it in a few more words", "dites-le en quelques mots de plus"),
        ("2: say why, in a sentence", "2: dites pourquoi, en une phrase"),
        ("Jour: this is not a day: write it as 2026-09-30; Raison: say why, in a sentence.",
         f"Jour: {DAY}; Raison: dites pourquoi, en une phrase."),
        ("Raison: at most 9 characters; yours has 12.", "Raison: au plus 9 caractères; le vôtre en a 12."),
        ("Somebody: typed this; and that.", "Somebody: typed this; and that."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_known_within_a_sentence_of_several(words: str, in_french: str) -> None:
    with speaking("fr"):
        assert said(words) == in_french


def test_a_kind_that_is_not_known_keeps_its_words() -> None:
    assert why_wrong({"type": "url_parsing", "msg": "Input should be a URL"}) == "input should be a url"


async def test_a_page_without_fields_of_its_own_says_it_too(one_world: World, tmp_path: Path) -> None:
    portal = Portal(one_world, Settings(data_dir=tmp_path))
    await one_world.submit()
    await one_world.drain()
    async with portal.as_person(CO) as browser:
        refused = await browser.send_form(
            "/decide/1",
            {"verdict": "approve", "reason": "x", "revision": "1"},
            headers={"Accept-Language": "fr"},
        )
    assert "dites-le en quelques mots de plus" in refused.text


WORKSPACE = ",".join(
    f"{one} [Required]" for one in ("Email Address", "First Name", "Last Name", "Org Unit Path")
)
FILES = (
    ("training", "Name,Email,Completed\nA,a@b.org,2026-13-45\n"),
    ("training", ""),
    ("training", "%PDF"),
    ("accounts", "handle,platform,level\n@a b,Nowhere,school\n,Instagram,school\n@a,X,x\n"),
    ("accounts", "handle,platform,level,school,notice seen on\n@a,Instagram,school,Nowhere,2027-01-01\n"),
    ("roster", "sourcedId,status\n1,active\n"),
    ("roster", "primaryEmail,name.givenName\nnobody,A\n"),
    ("roster", f"{WORKSPACE}\na@example.org,A,B,/Nowhere\n"),
    ("accounts", "handle,platform,level,school,administrators\n@a,Instagram,school,Nowhere,nobody@x.org\n"),
    ("accounts", "handle,platform,level\n@one.two,Instagram,school\n@one.tw0,Instagram,school\n"),
)


async def test_what_is_wrong_with_a_file_is_said_in_the_language_of_the_page(
    one_world: World, tmp_path: Path
) -> None:
    portal, wrong, count = Portal(one_world, Settings(data_dir=tmp_path)), dict[str, list[str]](), 0
    with marked(tmp_path):
        async with portal.as_person(CO) as browser:
            for kind, file in FILES:
                sent = {"file": ("list.csv", file)}
                answer = await browser.send_form(
                    f"/imports/{kind}", files=sent, headers={"Accept-Language": "fr"}
                )
                assert answer.status_code == 400
                for one in HTMLParser(answer.text).css("tbody td:last-child, .note.bad p"):
                    count += 1
                    if left := english(one.text(), corpus(one_world.policy, file)):
                        wrong[one.text()] = left
    assert wrong == {}
    assert count > len(FILES)


def test_every_slip_of_a_policy_file_is_said_in_the_language_of_the_page(
    policy: Policy, tmp_path: Path
) -> None:
    """Also what would only be warned of: a page shows it line by line, and names no folder."""
    wrong: dict[str, list[str]] = {}
    (files := tmp_path / "files").mkdir()
    ours = SHIPPED.read_text(encoding="utf-8")
    with marked(tmp_path), speaking("fr"):
        for there, instead, _ in (*REFUSED, *NOT_TOML):
            path, _line = changed(files, there, instead)
            with pytest.raises(BadPolicy) as refused_:
                load(path)
            error = refused_.value
            assert (error.file, bool(error.slips)) == ("policy.toml", True)
            known = corpus(policy, there, instead, list(KINDS), ours, *(one.key for one in error.slips))
            for one in error.slips:
                assert str(files) not in one.said
                if left := english(_QUOTED.sub("", said(one.said)), known):
                    wrong[one.said] = left
    assert wrong == {}


async def test_what_is_wrong_with_a_policy_file_is_said_in_french_without_its_folder(
    one_world: World, tmp_path: Path
) -> None:
    portal = Portal(one_world, Settings(data_dir=tmp_path))
    ours = SHIPPED.read_text(encoding="utf-8")
    (refuses, refused_), (warns, warned) = (
        (ours.replace("valid_days = 365", "valid_days = 0", 1), "il faut au moins 1"),
        (ours.replace("valid_days = 365", "valid_days = 3", 1), "\N{NO-BREAK SPACE}: cherchez une erreur"),
    )
    async with portal.as_person(CO) as browser:
        for content, expected in ((refuses, refused_), (warns, warned)):
            answer = await browser.send_form(
                "/policy", files={"file": ("neuve.toml", content)}, headers={"Accept-Language": "fr"}
            )
            assert expected in answer.text
            assert "neuve.toml" in answer.text
            assert "Ligne " in answer.text
            assert str(tmp_path) not in answer.text
            assert "uploads" not in answer.text


def test_no_page_says_where_a_file_is_kept_on_this_machine() -> None:
    kept = f"uploads/7/{'a1' * 32}"
    for home in ("/srv/steward", "/srv/my data"):
        sentence = f"The file {home}/{kept}/files/list of June.csv is gone: see /verify."
        assert on_page(sentence) == "The file list of June.csv is gone: see /verify."
        assert on_page(f"“{home}/{kept}/rows-to-mend.csv”") == "“rows-to-mend.csv”"

"""What every letter must keep to, whatever its facts: a rule a test, over all variations of all notices."""

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest
from jinja2 import Environment, meta, nodes
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from policy.model import Policy
from policy.notices import KINDS, NoticeKind, read
from policy.notices.access import TextsToRead
from policy.notices.accounts import CreateTheAccount
from policy.notices.leaves import LeaveDecided, LeaveWanted
from policy.notices.offices import DeputyNamed, OfficeEnded
from policy.notices.operators import CalendarEnds, PolicyAdopted, SweepTrouble
from policy.notices.people import DeputyLeft, MailRefusedFor, RecordedForYou
from schemas.language import LANGUAGES, speaking
from tasks.mail.markup import TEMPLATES
from tasks.mail.mime import Letter, sender_of, wrapped
from tasks.mail.writing import entry, letter, mailto
from tests.mail.mail_cases import CASES
from tests.mail.variations import FRENCH, Variation, facts_of, variations

SENDER = sender_of("Steward <steward@example.org>", "communications@example.org")
EVERY_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DAY = re.compile(rf"(?:(\w+) )?\b\d{{1,2}} (?:{MONTHS})\b(?: (\d{{4}}))?")
WEEKDAYS = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
#: What a control wrote of a finding, and when: it is quoted as it was recorded.
QUOTED = "The completion of 1 September 2025 no longer counts."

#: Words of the software, or of an office: no letter to people needs them.
UNFRIENDLY = (
    "None",
    "null",
    "True",
    "False",
    "SLOT",
    "violat",
    "non-complian",
    "sanction",
    "lifecycle",
    "outbox",
    "transition",
    "MEND_",
    "COMPLETE_",
    "ACKNOWLEDGE_",
    "ACCEPT_",
    "failure to",
    "hereby",
    "pursuant",
    "kindly",
    "person 1",
    "account 5",
)


#: What every letter has besides the words of its notice.
OF_ALL = {
    *(
        "actions",
        "day_is_over",
        "document",
        "due",
        "many",
        "many_more",
        "notice",
        "pages",
        "several",
        "slots",
    ),
    "why",
}


def names_in(template: str) -> tuple[set[str], set[str]]:
    """The words that a template and those that it includes use, and those that they make themselves."""
    parsed = Environment(autoescape=True).parse((TEMPLATES / template).read_text(encoding="utf-8"))
    used, own = set[str](), {"loop", "namespace", *(one.name for one in parsed.find_all(nodes.Macro))}
    for one in parsed.find_all(nodes.Name):
        (used if one.ctx == "load" else own).add(one.name)
    for imported in parsed.find_all(nodes.FromImport):
        own |= {one if isinstance(one, str) else one[1] for one in imported.names}
    for further in meta.find_referenced_templates(parsed):
        if further and further != "_notice.md":
            for found, its in zip((used, own), names_in(further), strict=True):
                found.update(its)
    return used, own


def made(one: Variation) -> Letter:
    return letter([entry(one.context, SENDER)], one.context, SENDER)


_WRITTEN: dict[type[NoticeKind], list[tuple[str, Letter, Variation]]] = {}


def each(kind: type[NoticeKind], policy: Policy) -> list[tuple[str, Letter, Variation]]:
    """Every variation of a kind, written once for all the rules."""
    if kind not in _WRITTEN:
        _WRITTEN[kind] = [(one.name, made(one), one) for one in variations(kind, policy)]
    assert len(_WRITTEN[kind]) >= 2
    return _WRITTEN[kind]


def page_text(html: str) -> str:
    """What the HTML says, in one line."""
    return " ".join(HTMLParser(html).css("body")[0].text(separator=" ").split())


@EVERY_KIND
def test_a_subject_tells_the_matter_before_a_phone_cuts_it(kind: type[NoticeKind], policy: Policy) -> None:
    """60 characters, and an ordinary handle begins within them in whatever is about an account."""
    of_no_account = {TextsToRead, SweepTrouble, CalendarEnds, RecordedForYou, OfficeEnded, DeputyLeft}
    for name, one, _ in each(kind, policy):
        assert "\n" not in one.subject, name
        assert len(one.subject) <= 60, (name, one.subject)
        assert not one.subject.startswith(("Please", "Reminder")), name
        if kind not in of_no_account and "@" in one.subject:
            assert one.subject.index("@") < 57, (name, one.subject)


@EVERY_KIND
def test_every_day_has_its_weekday_and_its_year(kind: type[NoticeKind], policy: Policy) -> None:
    for name, one, _ in each(kind, policy):
        text = one.text.replace(QUOTED, "")
        assert not re.search(r"\b\d{4}-\d{2}-\d{2}\b", text), (name, text)
        for weekday, year in DAY.findall(text):
            assert weekday in WEEKDAYS, (name, text)
            assert year, (name, text)


@EVERY_KIND
def test_a_letter_names_one_day_to_come(kind: type[NoticeKind], policy: Policy) -> None:
    """The day it asks for. Absences and offices are spans; they ask for nothing."""
    if kind in {RecordedForYou, DeputyLeft}:
        return
    for name, one, variation in each(kind, policy):
        view = read(variation.context.notice).view(variation.context)
        bold = set(re.findall(r"<strong>(\w+ \d{1,2} \w+ \d{4})</strong>", one.html))
        assert len(bold) <= 1, (name, bold)
        if view.due is not None:
            day = f"{view.due.on:%A} {view.due.on.day} {view.due.on:%B} {view.due.on.year}"
            assert bold <= {day}, name
            assert day in one.text, (name, one.text)


@EVERY_KIND
def test_the_text_holds_what_the_page_holds(kind: type[NoticeKind], policy: Policy) -> None:
    """Each word of the page, each address behind a link, and the words that a button has prepared."""
    for name, one, _ in each(kind, policy):
        text = " ".join(one.text.split())
        words = Counter(re.findall(r"\w+", page_text(one.html)))
        missing = set(words) - set(re.findall(r"\w+", f"{text} {one.subject}"))
        assert not missing, (name, missing)
        for link in HTMLParser(one.html).css("a"):
            address = str(link.attributes["href"])
            if not address.startswith("mailto:"):
                assert address in text, (name, address)
                continue
            written = parse_qs(urlsplit(address).query)
            for part in (*written.get("subject", []), *written.get("body", [])):
                for line in part.splitlines():
                    assert " ".join(line.split()) in text, (name, line)


#: With web pages: what people get. Without them prepared answers stand in the place of the button.
PAGES = sender_of("Steward <steward@example.org>", "communications@example.org", "https://s.example.org")


def _paragraphs(html: str) -> list[str]:
    """The paragraphs of ours, without what is quoted, and without buttons."""
    ours = re.sub(r"<blockquote>.*?</blockquote>|<a class=.button.*?</a>", "", html, flags=re.DOTALL)
    return [one.strip() for one in re.findall(r"<p>(.*?)</p>", ours, flags=re.DOTALL) if one.strip()]


@pytest.mark.parametrize("language", LANGUAGES)
@EVERY_KIND
def test_a_paragraph_is_one_and_begins_with_a_capital(
    kind: type[NoticeKind], policy: Policy, language: str
) -> None:
    """No two run into one, a list stands apart, and what ends with a colon has something after it."""
    for one in variations(kind, policy):
        with speaking(language):
            made_of = letter([entry(one.context, PAGES)], one.context, PAGES)
        assert _begins_well(made_of.subject), (one.name, made_of.subject)
        for paragraph in _paragraphs(made_of.html):
            assert "\n" not in paragraph.replace("<br>\n", ""), (one.name, paragraph)
            words = re.sub("<.*?>", "", paragraph)
            assert _begins_well(words) or words.startswith("steward-audit-chain"), (one.name, words)
        lines = made_of.text.split("\n")
        for before, line in pairwise(lines):
            if line.startswith(("- ", "1. ")) and before:
                assert before.startswith(("- ", " ")), (one.name, before, line)
        shown = [line for line in lines if line]
        for line, after in pairwise(shown):
            if line.endswith(":"):
                assert after.startswith(("- ", " ", "1. ", "http")), (one.name, line, after)


def _begins_well(words: str) -> bool:
    """With a capital or a digit, or with the name of an account."""
    first = words.lstrip("“«\u00a0 (")[:1]
    return first.isupper() or first.isdigit() or first in "@—"


def test_one_day_is_named_once(policy: Policy) -> None:
    """ "From Friday through Friday" is one Friday."""
    for kind in (DeputyNamed, RecordedForYou, LeaveDecided, LeaveWanted):
        for one in variations(kind, policy):
            text = " ".join(made(one).text.split())
            twice = re.search(r"from (\w+ \d+ \w+ \d+) through \1", text)
            assert twice is None, (one.name, text)


@EVERY_KIND
def test_no_prepared_answer_is_cut(kind: type[NoticeKind], policy: Policy) -> None:
    for name, _, variation in each(kind, policy):
        for action in read(variation.context.notice).view(variation.context).actions:
            body = parse_qs(urlsplit(mailto(action, SENDER.reply_to)).query)["body"][0]
            assert body.replace("\r\n", "\n") == action.body, (name, action.label)


@EVERY_KIND
def test_no_line_of_the_text_is_long(kind: type[NoticeKind], policy: Policy) -> None:
    for name, one, _ in each(kind, policy):
        text = wrapped(one.text)
        for line in text.split("\n"):
            assert len(line) <= 77 or " " not in line.strip().removeprefix("- "), (name, line)
        assert text.split() == one.text.split(), name
        assert "\n\n\n" not in text, (name, text)


@EVERY_KIND
def test_nothing_comes_from_outside_and_nothing_is_wide(kind: type[NoticeKind], policy: Policy) -> None:
    """No image, no script, no form, no style from elsewhere; nothing that makes a phone scroll sideways."""
    for name, one, _ in each(kind, policy):
        page = HTMLParser(one.html)
        assert not page.css("img, script, iframe, object, form, link, table, pre, svg, video"), name
        style = "".join(found.text() for found in page.css("style"))
        assert not re.search(r"url\(|@import|white-space: *(nowrap|pre)|(?<!max-)(?<!min-)width: *\d", style)
        assert "overflow-wrap: anywhere" in style
        assert page.css("meta[name=viewport]")
        assert not [found for found in page.css("[style], [width]") if found.tag != "meta"], name
        for link in page.css("a"):
            assert "utm_" not in str(link.attributes["href"])


@EVERY_KIND
def test_words_are_those_of_people(kind: type[NoticeKind], policy: Policy) -> None:
    for name, one, _ in each(kind, policy):
        for word in UNFRIENDLY:
            assert not re.search(rf"\b{re.escape(word)}\b", f"{one.subject}\n{one.text}"), (name, word)
        if kind is PolicyAdopted:
            continue  # it quotes the keys of the policy file to those who keep it
        assert not re.search(r"\b[a-z]+_[a-z]+\b", re.sub(r"https?://\S+", "", one.text)), name
        assert not re.search(r" [,.;]|\(\)|“”|,,", one.text), (name, one.text)


@EVERY_KIND
def test_whatever_is_about_an_account_names_platform_and_school(
    kind: type[NoticeKind], policy: Policy
) -> None:
    """Long handles and accents too: shortened in a subject, whole in the letter."""
    (french,) = [one for one in variations(kind, policy) if one.name == "French names, long handle"]
    one = made(french)
    assert f"Hello {FRENCH['name']} {FRENCH['family']}," in one.text
    if "on Instagram" in made(next(variations(kind, policy))).text:
        assert f"@{FRENCH['handle']} on Instagram" in one.text


@EVERY_KIND
def test_what_asks_gives_a_way_to_do_it(kind: type[NoticeKind], policy: Policy) -> None:
    """A day is named: then there is a button, an address to open, or a sentence that says what to do."""
    for name, one, variation in each(kind, policy):
        view = read(variation.context.notice).view(variation.context)
        if view.due is None:
            continue
        opens = [str(link.attributes["href"]) for link in HTMLParser(one.html).css("a")]
        assert view.actions or any(address.startswith("https:") for address in opens), name
        assert "answer this message" in one.text.lower(), name


#: What cannot be varied by its facts alone: the least that each kind must have is its usual case.
HARD: dict[type[NoticeKind], Callable[[Letter], bool]] = {
    CreateTheAccount: lambda one: "Two-step verification is on:" in one.text,
    MailRefusedFor: lambda one: "person2@example.org" in one.text,
}


@pytest.mark.parametrize("kind", HARD, ids=lambda kind: kind.kind)
def test_nothing_is_filled_in_that_only_the_person_knows(kind: type[NoticeKind], policy: Policy) -> None:
    """A report of a new account comes with each setting empty, not with all of them said to be set (7)."""
    one = made(next(variations(kind, policy)))
    assert HARD[kind](one)
    for action in HTMLParser(one.html).css("a.button"):
        body = parse_qs(urlsplit(str(action.attributes["href"])).query)["body"][0]
        assert all(line.rstrip().endswith(":") for line in body.splitlines() if line), body


def test_each_word_that_a_fact_may_have_is_tried() -> None:
    """The variations are read from the classes: a new word of a fact is tried without being listed."""
    assert len(list(facts_of(RecordedForYou))) > len(CASES) / 12
    assert {name for name, _ in facts_of(OfficeEnded)} == {"usual", "school_id missing"}


@EVERY_KIND
def test_a_template_names_only_what_its_notice_gives(kind: type[NoticeKind], policy: Policy) -> None:
    """Also on a path that no case takes: a word that is missing there parks the letter."""
    every = [one.context for one in variations(kind, policy)]
    given = {word for one in every for word in read(one.notice).view(one).words}
    used, own = names_in(f"{kind.kind}.md")
    assert used - own - given <= OF_ALL

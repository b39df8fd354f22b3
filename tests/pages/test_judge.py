"""A page's words against the notice of clause 8."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.model import load
from policy.notice_text import NoticeText, Statement, explain, judge
from schemas.settings import ROOT
from schemas.words import PageVerdict
from tests.support.rules import the_notice

NOTICE = the_notice(load(ROOT / "policy" / "ap151.toml"))
TEXTS = [statement.text for statement in NOTICE.statements]
FULL = "\n".join(TEXTS)
SIBLING = """
    Prairie Lakes School Board values open, two-way communication to foster a collaborative and effective
    engagement process with our families. Our official social media pages provide forums for respectful
    discussion related to learning and to share and celebrate stories, events and other news.
    All posts and comments are to be consistent with Board policies and procedures including the following:
    Obscene, racist or disrespectful comments or posts will be removed.
    Comments that are abusive, hateful or intended to defame anyone or any group will not be permitted.
    Users participate at their own risk, taking responsibility for comments, username and
    information provided.
    Prairie Lakes School Board reserves the right to delete comments that are spam or advertising, clearly
    off-topic or disruptive; advocate illegal activity; promote particular services, products or political
    parties; infringe on copyrights or trademarks; and violate any Prairie Lakes School Board policies.
    The comments and posts expressed by followers on our social media pages do not necessarily reflect the
    opinions or positions of the Prairie Lakes School Board or its employees.
"""


@pytest.mark.parametrize(
    "text",
    [
        FULL,
        f"Welcome to our page\n{FULL}\nOpening hours: 8 to 4",
        " ".join(TEXTS),
        " ".join(TEXTS).replace(".", "").replace(":", ""),
        FULL.upper(),
        FULL.lower(),
        FULL.replace(" ", "\u00a0"),
        FULL.replace(" ", "\n"),
        FULL.replace("two-way", "two\u2011way").replace("disrespectful", "disre\u00adspect\u200bful"),
        "\n".join(f"{n}. {text}" for n, text in enumerate(TEXTS, 1)),
        " ".join(f"{n}) {text}" for n, text in enumerate(TEXTS, 1)),
        "\n".join(f"\u2022 {text}" for text in TEXTS),
        " ".join(f"\u2714\ufe0f {text.rstrip('.')}" for text in TEXTS),
        f"\u201c{FULL}\u201d",
        FULL.replace("fi", "\ufb01"),
    ],
)
def test_form_does_not_matter(text: str) -> None:
    assert judge(text, NOTICE).verdict is PageVerdict.EXACT


@pytest.mark.parametrize(
    ("old", "new", "statement", "shown"),
    [
        ("will not be allowed", "will not be tolerated", "item-1", "will not be [-allowed-] {+tolerated+}"),
        ("will not be allowed", "will be allowed", "item-1", "will [-not-] be allowed."),
        ("do not necessarily", "do necessarily", "closing", "[-not-]"),
        ("allowed.", "allowed unless the principal agrees.", "item-1", "{+unless the principal agrees+}"),
        ("Obscene, racial", "However, obscene, racial", "item-1", "{+However+} Obscene, racial"),
        ("will not be permitted", "will not ever be permitted", "item-2", "not {+ever+} be"),
        ("will not be permitted", "will \U0001f6ab be permitted", "item-2", "[-not-] {+\U0001f6ab+}"),
        ("will not be permitted", "will n\u0336o\u0336t\u0336 be permitted", "item-2", "[-not-]"),
        ("hateful", "non-hateful", "item-2", "{+non+}"),
        ("at their own risk", "at their own r\u0456sk", "item-3", "[-risk-]"),
        ("will not be permitted", "will https://evil.example.org/x?y be permitted", "item-2", "{+(a link)+}"),
        ("will not be permitted", "will evil.example.org/x be permitted", "item-2", "{+(a link)+}"),
        ("allowed.", "allowed, ask it@evil.example.org now.", "item-1", "{+ask (a link)+}"),
    ],
)
def test_a_changed_word_is_shown(old: str, new: str, statement: str, shown: str) -> None:
    assert old in FULL
    judgement = judge(FULL.replace(old, new), NOTICE)
    altered = {s.id: s.difference for s in judgement.statements if s.verdict is not PageVerdict.EXACT}
    assert judgement.verdict is PageVerdict.ALTERED
    assert list(altered) == [statement]
    assert shown in altered[statement]
    assert shown in "\n".join(explain(judgement))


@pytest.mark.parametrize("gone", range(len(TEXTS)))
def test_a_statement_that_is_not_there_is_missing(gone: int) -> None:
    judgement = judge("\n".join(t for n, t in enumerate(TEXTS) if n != gone), NOTICE)
    missing = [s.id for s in judgement.statements if s.verdict is PageVerdict.MISSING]
    assert judgement.verdict is PageVerdict.MISSING
    assert missing == [NOTICE.statements[gone].id]


def test_an_empty_page_lacks_everything() -> None:
    judgement = judge("", NOTICE)
    assert judgement.verdict is PageVerdict.MISSING
    assert {s.verdict for s in judgement.statements} == {PageVerdict.MISSING}


def test_another_order_passes_and_is_said() -> None:
    judgement = judge("\n".join(reversed(TEXTS)), NOTICE)
    assert judgement.verdict is PageVerdict.EXACT
    assert "another order" in judgement.detail


def test_the_notice_of_another_board_is_not_ours() -> None:
    ours, theirs = set(re.findall(r"\w+", FULL.lower())), re.findall(r"\w+", SIBLING.lower())
    assert sum(word in ours for word in theirs) / len(theirs) > 0.66
    judgement = judge(SIBLING, NOTICE)
    assert judgement.verdict is PageVerdict.ALTERED
    assert not any(s.verdict is PageVerdict.EXACT for s in judgement.statements)


def test_an_altered_copy_beside_the_right_one_does_no_harm() -> None:
    assert judge(f"{FULL.replace('not', '')}\n{FULL}", NOTICE).verdict is PageVerdict.EXACT


WORDS = [(n, m.span()) for n, text in enumerate(TEXTS) for m in re.finditer(r"\w+", text)]


@given(
    st.sampled_from(WORDS), st.sampled_from(["drop", "double", "swap"]), st.sampled_from(["never", "x", "é"])
)
def test_any_one_changed_word_is_never_exact(
    place: tuple[int, tuple[int, int]], how: str, other: str
) -> None:
    number, (start, end) = place
    text, word = TEXTS[number], TEXTS[number][start:end]
    new = {"drop": "", "double": f"{word} {other}", "swap": other}[how]
    texts = [*TEXTS[:number], text[:start] + new + text[end:], *TEXTS[number + 1 :]]
    judgement = judge("\n".join(texts), NOTICE)
    assert judgement.verdict is not PageVerdict.EXACT
    assert [s.id for s in judgement.statements if s.verdict is not PageVerdict.EXACT] == [
        NOTICE.statements[number].id
    ]


@given(
    st.lists(st.sampled_from([" ", "\n", "\t", "\u00a0", "\u2003", "\r\n", " \u200b"]), min_size=1), st.data()
)
def test_any_white_space_and_case_stays_exact(spaces: list[str], data: st.DataObject) -> None:
    words = FULL.split()
    upper = data.draw(st.sets(st.integers(0, len(words) - 1)))
    marker = data.draw(st.sampled_from(["", "1. ", "a) ", "\u2022 ", "- ", "(iv) ", "\u2013 "]))
    text = "".join((w.upper() if n in upper else w) + spaces[n % len(spaces)] for n, w in enumerate(words))
    assert judge(marker + text, NOTICE).verdict is PageVerdict.EXACT


@pytest.mark.parametrize(
    "bomb",
    [
        "a " * 1_000_000,
        "\ufdfa" * 700_000,
        "a" + "\u0316\u0301" * 500_000,
        (TEXTS[2] + " x ") * 25_000,
        "comments and posts " * 100_000,
        "x" * 2_000_000,
    ],
)
def test_hostile_text_is_judged(bomb: str) -> None:
    """Work that grows with the square of the length would not end before the guard against hanging."""
    assert judge(bomb, NOTICE).verdict is not PageVerdict.EXACT


def test_a_statement_without_words_is_refused() -> None:
    with pytest.raises(ValueError, match="no words"):
        judge("x", NoticeText(version="1", statements=(Statement(id="a", text="..."),)))


@pytest.mark.parametrize(
    "text",
    [
        """Rules of a made-up board
        \u2022 Obscene words or posts end here
        \u2022 Harassing comments or pictures will be hidden
        \u2022 Posts that invite a crime will not stand. Posts or replies allowed by the board stay""",
        """MUB reserves the right to remove any reply. We remove what is:
        \u2022 spam or advertising
        \u2022 clearly off-topic or disruptive
        \u2022 advocate illegal activity or bullying
        \u2022 promote particular services, products or political organizations
        \u2022 infringe on copyrights or trademarks
        \u2022 violate any MUB policies""",
        """Comment policy of a made-up board
        You join in at your own risk, taking personal responsibility for your comments, name and any
        information provided.""",
    ],
)
def test_of_another_text_no_difference_is_stitched_together(text: str) -> None:
    judgement = judge(text, NOTICE)
    assert {(s.verdict, s.difference) for s in judgement.statements} == {(PageVerdict.MISSING, "")}
    assert judgement.detail == "The page does not carry the notice."


@pytest.mark.parametrize(
    "text",
    [
        f"The following notice does not apply to this account:\n{FULL}",
        f"{FULL}\nThe above is no longer valid.",
        f"Please ignore this notice. {FULL}",
        FULL.replace(TEXTS[4], f"{TEXTS[4]} This isn't our policy."),
        f"L\u2019avis suivant ne s\u2019applique pas à ce compte :\n{FULL}",
        f"{FULL}\nCet avis n'est plus en vigueur.",
        f"Ignorez le texte suivant. {FULL}",
        f"The following doesn\u2019t apply here.\n{FULL}",
    ],
)
def test_a_notice_that_is_taken_back_is_altered(text: str) -> None:
    judgement = judge(text, NOTICE)
    assert judgement.verdict is PageVerdict.ALTERED
    assert "{+" in judgement.detail


def test_other_sentences_beside_the_notice_take_nothing_back() -> None:
    text = f"We do not answer at night. Please read:\n{FULL}\nThis page is not looked at on weekends."
    assert judge(text, NOTICE).verdict is PageVerdict.EXACT
    french = f"Cette page n'est pas lue la nuit. Veuillez lire :\n{FULL}\nNous ne répondons pas aux injures."
    assert judge(french, NOTICE).verdict is PageVerdict.EXACT


@pytest.mark.parametrize("mark", ["\u00b9", "\u2020", "\u00a7", "[1]", "[a]", "\u2074\u00b2"])
def test_the_mark_of_a_footnote_alters_nothing(mark: str) -> None:
    text = FULL.replace("own risk,", f"own risk,{mark}").replace("permitted.", f"permitted{mark}.")
    assert text.count(mark) == 2
    assert judge(f"{text}{mark}", NOTICE).verdict is PageVerdict.EXACT

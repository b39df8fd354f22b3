"""Whatever reads outside text reads 100,000 characters of anything: none of it takes quadratic time.

What counts is the ratio to an expression that is quadratic, on the same machine: no time limit of the clock.
"""

import re
import time
from collections.abc import Callable
from functools import cache

import pytest

from policy import identity, notice_beside, notice_text, notice_words
from schemas.forms import is_vault_reference
from schemas.secrets import looks_like_a_secret
from tasks.files import dates, decoding, roster_parts
from tasks.mail import mime
from tasks.pages import addresses, body, doubts, links, visible
from tasks.people.scrubbing import Traces

_TRACES = Traces(("ada@example.org",), ("Ada Sample",), "forgotten@example.org")
READERS: dict[str, Callable[[str], object]] = {
    "a secret": looks_like_a_secret,
    "a vault reference": lambda text: is_vault_reference(text, ["vault"]),
    "an account's address": identity._ADDRESS.fullmatch,
    "a name": identity.one_line,
    "the words of a notice": lambda text: notice_words._WORD.findall(notice_words._plain(text)),
    "a list's marker": notice_text._LIST_MARKER.search,
    "a notice taken back": notice_beside.takes_back,
    "a notice that may be taken back": lambda text: notice_beside.may_take_back(
        text, beside=True, leads_in=True
    ),
    "words of a wall": lambda text: [
        one.search(text)
        for one in (doubts._NOT_THERE, doubts._MUST_SIGN_IN, doubts._NEEDS_SCRIPTS, doubts._HAS_MORE)
    ],
    "a hiding style": visible._HIDING.search,
    "a style that may hide": visible._may_hide,
    "a footnote": visible._FOOTNOTE.fullmatch,
    "a style's remark": lambda text: visible._CSS_COMMENT.sub("", text),
    "a page's text": visible.tidy,
    "a page's charset": lambda text: body._META.search(text.encode()),
    "a link": links._BARE.search,
    "a host's number": addresses._LOOKS_NUMERIC.search,
    "a day": lambda text: [one.fullmatch(text) for one in (dates._ISO, dates._DIGITS, *dates._WORDS)],
    "a roster's address": roster_parts._EMAIL.fullmatch,
    "a web page": lambda text: decoding._WEB_PAGE.match(text.encode()),
    "a mail address": mime.is_address,
    "traces of a person": _TRACES.clean,
}
UNITS = (" ", "a", "1.", "-", "password ", "a@a.", "<meta ", "position:")


@cache
def quadratic(length: int) -> float:
    """Seconds of processor time of a quadratic expression on so many characters."""
    tried, text = 4_000, "a" * 4_000
    before = time.thread_time()
    assert re.search(r"\w+@", text) is None
    return (time.thread_time() - before) * (length / tried) ** 2


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("reader", READERS)
def test_long_texts_take_no_quadratic_time(reader: str, unit: str) -> None:
    for length in (10_000, 100_000):
        text = (unit * length)[:length] + "\x00"
        before = time.thread_time()
        READERS[reader](text)
        assert time.thread_time() - before < quadratic(length) / 4, f"{length} characters"


def test_a_quadratic_reader_would_be_told() -> None:
    before = time.thread_time()
    assert re.search(r"[a-z]+:", "a" * 10_000) is None
    assert time.thread_time() - before > quadratic(10_000) / 4

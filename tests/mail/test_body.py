"""A mail's body: whatever somebody typed arrives as typed, in the part where it belongs."""

import email
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.mail.mime import body

#: What a person can have typed: not the halves of pairs that no encoding can write.
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
CALENDAR = b"BEGIN:VCALENDAR\r\nSUMMARY:Change the password\r\nEND:VCALENDAR\r\n"


def read(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=default)
    assert not [defect for part in message.walk() for defect in part.defects]
    return message


def as_typed(part: EmailMessage) -> str:
    return str(part.get_content().replace("\r\n", "\n"))


def lines_of(words: str) -> str:
    """Mail has one way to end a line."""
    return words.replace("\r\n", "\n").replace("\r", "\n")


@example(text="From me\n.\n%(html)s %s 100%\n", html="--%(alternative)s--", has_calendar=True)
@example(text="x" * 2000, html="ä" * 2000, has_calendar=False)
@example(text="", html="", has_calendar=True)
@given(text=WORDS, html=WORDS, has_calendar=st.booleans())
def test_every_part_arrives_as_it_was_written(text: str, html: str, has_calendar: bool) -> None:
    data = body(text, html, CALENDAR if has_calendar else None)
    assert data.isascii()
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    message = read(data)
    found = [part for part in message.walk() if not part.is_multipart()]
    kinds = ["text/plain", "text/html", *(["text/calendar"] if has_calendar else [])]
    assert [part.get_content_type() for part in found] == kinds
    words = [text, html, *([CALENDAR.decode()] if has_calendar else [])]
    assert [as_typed(part) for part in found] == [lines_of(one) for one in words]
    if has_calendar:
        assert message.get_content_type() == "multipart/mixed"
        assert found[2]["Content-Type"].params["method"] == "PUBLISH"
        assert found[2].get_filename() == "due.ics"
    else:
        assert message.get_content_type() == "multipart/alternative"


def test_nobody_can_guess_where_a_part_ends() -> None:
    boundaries = [read(body("a", "b", CALENDAR)).get_boundary() for _ in range(3)]
    assert len(set(boundaries)) == 3


@pytest.mark.parametrize("word", ["plain", "schön"])
def test_what_every_server_lets_through_can_be_read_as_it_is(word: str) -> None:
    assert (b"\r\n%s\r\n" % word.encode() in body(word, "<p></p>", None)) is word.isascii()

"""A mail's headers: nothing that somebody typed can become one."""

import email
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.errors import BadSettings, MailRefused
from tasks.mail.mime import POLICY, Letter, build, is_address, message_id, sender_of
from tests.mail.mail_cases import NOW

SENDER = sender_of("Steward <steward@example.org>", "communications@example.org")
HEADERS = [
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "X-Steward-Notice",
    "MIME-Version",
    "Content-Type",
]


def built(
    subject: str = "hello", name: str = "Ann Lee", address: str = "ann@example.org", **more: object
) -> bytes:
    values: dict[str, object] = {
        "identity": message_id("a cause/person:1", SENDER.domain),
        "notices": (1,),
        "uncertain": False,
    }
    return build(
        Letter(subject, "Hello,\n\nText of Zoë.\n.\n", "<p>Hello</p>", None),
        sender=SENDER,
        name=name,
        address=address,
        now=NOW,
        **{**values, **more},  # type: ignore[arg-type]
    )


def read(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=default)


def test_the_headers_are_these_and_no_others() -> None:
    message = read(built())
    assert sorted(message.keys()) == sorted(HEADERS)
    assert message["Date"].datetime == NOW
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert message["From"] == "Steward <steward@example.org>"


def test_an_uncertain_repeat_is_marked_and_keeps_its_id() -> None:
    first, second = read(built()), read(built(uncertain=True))
    assert first["X-Steward-Repeat"] is None
    assert second["X-Steward-Repeat"] == "uncertain"
    assert first["Message-ID"] == second["Message-ID"]


def test_the_id_comes_from_the_key() -> None:
    assert message_id("a", "example.org") == message_id("a", "example.org") != message_id("b", "example.org")


@example(subject="", name="00" + "\U00010000" * 11)
@given(subject=st.text(max_size=150), name=st.text(max_size=200))
def test_whatever_people_are_called_it_is_refused_or_arrives_as_it_is(subject: str, name: str) -> None:
    try:
        data = built(subject, name)
    except MailRefused:
        return
    message = read(data)
    assert sorted(message.keys()) == sorted(HEADERS)
    (to,) = message["To"].addresses
    assert to.addr_spec == "ann@example.org"
    # Without blanks: this reader puts one between two encoded words of a name, where mail programs put none.
    assert "".join(to.display_name.split()) == "".join(name.split())
    assert " ".join(str(message["Subject"]).split()) == " ".join(subject.split())
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    assert data.isascii()


@pytest.mark.parametrize(
    "words",
    [
        "hello\r\nBcc: all@example.org",
        "hello\nBcc: all@example.org",
        "hello\x00",
        "hello\x1b[31m",
        "=?utf-8?q?hi=0ABcc:all@example.org?=",
        "hello\u2028Bcc: all@example.org",
        "hello\u202egnp.exe",
        "hello\x85Bcc: all@example.org",
        "hello\ud800",
    ],
)
def test_what_could_break_out_is_refused_at_the_door(words: str) -> None:
    with pytest.raises(MailRefused) as refusal:
        built(subject=words)
    assert "hello" not in str(refusal.value)
    with pytest.raises(MailRefused):
        built(name=words)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "ann@",
        "@example.org",
        "ann@localhost",
        "ann lee@example.org",
        "ann@example.org\r\nRCPT TO:<all@example.org>",
        "ann@example.org, all@example.org",
        "<ann@example.org>",
        "änn@example.org",
        "ann..lee@example.org",
        "ann@-example.org",
        "a" * 250 + "@example.org",
    ],
)
def test_only_plain_addresses_are_written_to(address: str) -> None:
    assert not is_address(address)
    with pytest.raises(MailRefused):
        built(address=address)


@pytest.mark.parametrize("address", ["ann.lee+school@sub.example.org", "o'brien@example.org", "a@b-c.org"])
def test_plain_addresses_are_plain(address: str) -> None:
    assert read(built(address=address))["To"].addresses[0].addr_spec == address


def test_long_lines_and_every_letter_travel_as_ascii() -> None:
    data = build(
        Letter("Zoë 🌲", "ä" * 5000 + "\n" + "x" * 5000 + "\n", "<p>" + "ö" * 5000 + "</p>", None),
        sender=SENDER,
        name="Zoë",
        address="zoe@example.org",
        identity="<a@example.org>",
        notices=range(1, 200),
        uncertain=False,
        now=NOW,
    )
    assert data.isascii()
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    message = read(data)
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n").startswith("ä" * 5000 + "\n" + "x" * 5000)
    assert [int(one) for one in message["X-Steward-Notice"].split(",")] == list(range(1, 200))


@pytest.mark.parametrize("setting", ["mail_from", "mail_reply_to"])
def test_a_sender_that_is_no_address_is_a_setting_to_mend(setting: str) -> None:
    values = {"mail_from": "Steward <steward@example.org>", "mail_reply_to": "communications@example.org"}
    values[setting] = "nobody"
    with pytest.raises(BadSettings, match=f"STEWARD_{setting.upper()}"):
        sender_of(values["mail_from"], values["mail_reply_to"])


@pytest.mark.parametrize(
    "name", ["Ann Lee", "Ann", "Ann B. Lee", "Zoë Lee", 'Ann "Al" Lee', "Lee, Ann", "A" * 70]
)
@pytest.mark.parametrize(
    "subject", ["Your account is live", "x", "Schön", "long " * 20 + "end", "a: b; (c) <d>", "two  gaps"]
)
def test_headers_written_directly_are_those_that_the_library_writes(name: str, subject: str) -> None:
    written = built(subject, name)
    library = EmailMessage(policy=POLICY)
    library["To"] = Address(display_name=name, addr_spec="ann@example.org")
    library["Subject"] = subject
    for line in library.as_bytes().removesuffix(b"\r\n").split(b"\r\n"):
        assert line in written.split(b"\r\n")


@pytest.mark.parametrize("length", range(20, 70))
def test_a_subject_that_is_folded_has_no_second_space(length: int) -> None:
    """The library leaves one where it folds before an encoded word."""
    subject = f"{'a' * length} on Fa\N{HORIZONTAL ELLIPSIS}"
    assert read(built(subject))["Subject"] == subject

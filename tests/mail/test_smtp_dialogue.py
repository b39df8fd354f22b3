"""The dialogue with a real server, one fault at a time: taken, certainly not taken, or nobody can tell."""

import socket
from typing import Any

import pytest

from schemas.errors import BadSettings
from tasks.mail.smtp import NotTaken, Smtp, Unknowable
from tests.mail.mail_types import Authority, SettingsFor
from tests.support.smtp_server import SILENT, STORED_UNTOLD, Fault, Server, serving

SENDER, TO = "steward@example.org", "ann.lee@example.org"
LETTER = b"From: steward@example.org\r\nTo: ann.lee@example.org\r\nSubject: hello\r\n\r\n.a dot first\r\n"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_many_messages_go_over_one_connection_and_arrive_whole(
    server: Server, settings_for: SettingsFor
) -> None:
    async with Smtp(settings_for(server.port), per_connection=50) as post:
        for _ in range(5):
            await post.send(SENDER, TO, LETTER)
    assert [one.data for one in server.inbox] == [LETTER] * 5
    assert server.inbox[0].recipients == [TO]
    assert post.connections == server.connections == 1


async def test_a_new_connection_after_as_many_messages_as_the_policy_says(
    server: Server, settings_for: SettingsFor
) -> None:
    async with Smtp(settings_for(server.port), per_connection=2) as post:
        for _ in range(5):
            await post.send(SENDER, TO, LETTER)
    assert len(server.inbox) == 5
    assert post.connections == 3


def patience(fault: Fault) -> dict[str, object]:
    """A short timeout for a server that falls silent; a busy machine ends no other conversation."""
    return {"smtp_timeout_seconds": 0.5} if fault in SILENT else {}


@pytest.mark.parametrize(
    ("fault", "code", "for_good", "down"),
    [
        (Fault.BUSY, "smtp 421", False, True),
        (Fault.SENDER, "smtp 553", False, True),
        (Fault.GREY, "smtp 450", False, False),
        (Fault.RELAY, "smtp 554", False, False),
        (Fault.UNKNOWN, "smtp 550", True, False),
        (Fault.FULL, "smtp 552", True, False),
        (Fault.LATER, "smtp 451", False, False),
        (Fault.STALL_EARLY, "timeout before the data", False, True),
        (Fault.DROP_EARLY, "connection lost before the data", False, True),
    ],
)
async def test_what_the_server_certainly_does_not_have(
    server: Server, settings_for: SettingsFor, fault: Fault, code: str, for_good: bool, down: bool
) -> None:
    server.order([fault])
    async with Smtp(settings_for(server.port, **patience(fault)), per_connection=50) as post:
        with pytest.raises(NotTaken) as refusal:
            await post.send(SENDER, TO, LETTER)
        assert (refusal.value.code, refusal.value.for_good, refusal.value.down) == (code, for_good, down)
        assert TO not in str(refusal.value)
        assert server.inbox == []
        await post.send(SENDER, TO, LETTER)  # the next message is none the worse for it
    assert len(server.inbox) == 1


@pytest.mark.parametrize("fault", [*sorted(STORED_UNTOLD), Fault.DROP_LOST])
async def test_stored_and_lost_look_alike_once_the_data_was_handed_over(
    server: Server, settings_for: SettingsFor, fault: Fault
) -> None:
    server.order([fault])
    async with Smtp(settings_for(server.port, **patience(fault)), per_connection=50) as post:
        with pytest.raises(Unknowable) as doubt:
            await post.send(SENDER, TO, LETTER)
        assert TO not in str(doubt.value)
        assert len(server.inbox) == (fault in STORED_UNTOLD)
        await post.send(SENDER, TO, LETTER)
    assert len(server.inbox) == 1 + (fault in STORED_UNTOLD)


async def test_nobody_listens(settings_for: SettingsFor) -> None:
    async with Smtp(settings_for(free_port()), per_connection=50) as post:
        with pytest.raises(NotTaken, match="connect refused") as refusal:
            await post.send(SENDER, TO, LETTER)
    assert refusal.value.down


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_mail_travels_encrypted_and_the_certificate_is_checked(
    settings_for: SettingsFor, authority: Authority, security: str
) -> None:
    contexts: dict[str, Any] = {security: authority.server_context()}
    ours = {"smtp_security": security, "smtp_ca_file": authority.file}
    async with serving(**contexts) as server:
        async with Smtp(settings_for(server.port, **ours), per_connection=50) as post:
            await post.send(SENDER, TO, LETTER)
        assert len(server.inbox) == 1
        async with Smtp(settings_for(server.port, smtp_security=security), per_connection=50) as stranger:
            with pytest.raises(NotTaken, match="certificate refused at connect") as refusal:
                await stranger.send(SENDER, TO, LETTER)
        assert refusal.value.down
        assert len(server.inbox) == 1


async def test_a_certificate_for_another_host_is_refused(
    settings_for: SettingsFor, authority: Authority
) -> None:
    async with serving(starttls=authority.server_context("127.0.0.9")) as server:
        ours = settings_for(server.port, smtp_security="starttls", smtp_ca_file=authority.file)
        async with Smtp(ours, per_connection=50) as post:
            with pytest.raises(NotTaken, match="certificate refused"):
                await post.send(SENDER, TO, LETTER)


async def test_a_server_without_encryption_gets_nothing_when_we_ask_for_it(
    server: Server, settings_for: SettingsFor, authority: Authority
) -> None:
    ours = settings_for(server.port, smtp_security="starttls", smtp_ca_file=authority.file)
    async with Smtp(ours, per_connection=50) as post:
        with pytest.raises(NotTaken) as refusal:
            await post.send(SENDER, TO, LETTER)
    assert refusal.value.down
    assert server.inbox == []


async def test_login_and_a_login_that_is_refused(settings_for: SettingsFor, authority: Authority) -> None:
    ours = {"smtp_security": "starttls", "smtp_ca_file": authority.file, "smtp_user": "steward"}
    context = authority.server_context()
    async with serving(starttls=context, login=("steward", "canary-of-a-password")) as server:
        right = settings_for(server.port, **ours, smtp_password="canary-of-a-password")
        async with Smtp(right, per_connection=50) as post:
            await post.send(SENDER, TO, LETTER)
        assert len(server.inbox) == 1
        wrong = settings_for(server.port, **ours, smtp_password="another")
        async with Smtp(wrong, per_connection=50) as post:
            with pytest.raises(NotTaken, match="login refused 535") as refusal:
                await post.send(SENDER, TO, LETTER)
        assert refusal.value.down  # our setting's fault: nobody's mail is parked for it
        assert not refusal.value.for_good


async def test_a_file_of_authorities_that_is_none(settings_for: SettingsFor) -> None:
    ours = settings_for(25, smtp_security="tls", smtp_ca_file="/nowhere.pem")
    async with Smtp(ours, per_connection=50) as post:
        with pytest.raises(BadSettings, match="STEWARD_SMTP_CA_FILE"):
            await post.send(SENDER, TO, LETTER)

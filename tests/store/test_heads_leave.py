"""The head of the audit chain leaves by itself, and what was done to the chain afterwards is found by it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import text

from policy.model import Policy
from schemas.errors import ChainBroken
from schemas.settings import Settings
from tasks import heads
from tasks.files import heads as notes
from tasks.files.own_key import own_key
from tasks.mail.smtp import NotTaken
from tasks.runtime import Runtime
from tasks.store import Store, audit, left, verifying
from tasks.store.audit import STEWARD
from tests.store.subjects import a_person, an_account


@dataclass
class Carrier:
    """Takes each mail, or refuses it while `away`."""

    away: bool = False
    mails: list[tuple[str, bytes]] = field(default_factory=list)

    async def send(self, sender: str, recipient: str, message: bytes) -> None:  # noqa: ARG002 - the port's
        if self.away:
            raise NotTaken("connect refused", down=True)
        self.mails.append((recipient, message))

    async def close(self) -> None:
        """Nothing to close."""


async def act(store: Store, now: datetime, number: int = 1) -> audit.Head:
    async with store.write() as session:
        subject = await an_account(session, await a_person(session, number), now, f"account{number}")
        await audit.append(session, subject, actor=STEWARD, control="approval", cause="x", now=now)
        return await audit.head(session)


@pytest.fixture
def outward(store: Store, policy: Policy, tmp_path: Path) -> Runtime:
    settings = Settings(data_dir=tmp_path, heads_file=tmp_path / "heads", heads_address="auditor@example.org")
    return Runtime(settings, policy, store)


async def test_a_head_leaves_once_by_each_way_and_again_after_a_change(
    outward: Runtime, now: datetime
) -> None:
    carrier, store = Carrier(), outward.store
    assert await heads.leave(outward, now, post=carrier) == (), "nothing is in the chain yet"
    await act(store, now)
    for _ in range(2):
        assert not await heads.leave(outward, now, post=carrier)
    await act(store, now, 2)
    assert not await heads.leave(outward, now + timedelta(days=1), post=carrier)
    async with store.read() as session:
        noted = await left.every(session)
    assert [one.ways for one in noted] == [("address", "file")] * 2
    key = own_key(outward.settings.data_dir).public_key()
    file = outward.settings.heads_file
    assert file is not None
    assert file.stat().st_mode & 0o777 == 0o600
    said = notes.read(file, key)
    assert [(one.seq, one.hash) for one in said] == [(one.seq, one.hash) for one in reversed(noted)]
    assert [to for to, _ in carrier.mails] == ["auditor@example.org"] * 2
    mail = message_from_bytes(carrier.mails[1][1], policy=default).get_content()
    file.write_text(mail.partition("Keep this")[0])
    assert notes.read(file, key) == said[1:], "what stands in the mail is a file of heads"
    assert notes.public_text(key) in mail


async def test_a_way_that_failed_is_said_and_tried_again(outward: Runtime, now: datetime) -> None:
    carrier = Carrier(away=True)
    await act(outward.store, now)
    (said,) = await heads.leave(outward, now, post=carrier)
    assert "did not leave by mail" in said
    assert "auditor" not in said
    carrier.away = False
    assert not await heads.leave(outward, now, post=carrier)
    assert len(carrier.mails) == 1
    async with outward.store.read() as session:
        (noted,) = await left.every(session)
    assert noted.ways == ("address", "file")


@pytest.mark.parametrize("statement", ["DELETE FROM audit_entry WHERE seq > 1", "DELETE FROM audit_entry"])
async def test_what_was_cut_off_is_found_without_anything_kept_by_hand(
    outward: Runtime, now: datetime, statement: str
) -> None:
    await act(outward.store, now)
    await act(outward.store, now, 2)
    await heads.leave(outward, now, post=Carrier())
    await verifying.verify(outward.store)
    async with outward.store.write(audited=False) as session:
        await session.run(text(statement))
    with pytest.raises(ChainBroken, match="A head that left is not in this chain"):
        await verifying.verify(outward.store)

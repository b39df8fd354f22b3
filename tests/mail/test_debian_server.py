"""The same delivery against a mail server that is none of ours."""

import email
import random
from email.policy import default

from sqlalchemy import update
from sqlmodel import col

from policy.model import Policy
from policy.notices.access import AccessRevoked
from policy.notices.accounts import AccountLive
from policy.notices.requests import DecisionWanted
from schemas.columns import table_of
from schemas.notices import NoticeState
from schemas.people import Person
from tasks.mail.delivery import deliver
from tasks.store import Store
from tests.mail.debian_server import Exim
from tests.mail.mail_cases import NOW, notice
from tests.mail.mail_types import SettingsFor
from tests.mail.outbox_helpers import Clock, fill, many, outbox


async def test_a_debian_server_takes_what_we_send_and_its_refusals_are_understood(
    sqlite_store: Store, policy: Policy, settings_for: SettingsFor, exim_server: Exim
) -> None:
    await fill(
        sqlite_store,
        [
            notice(DecisionWanted, 1, to=1),
            *many(AccountLive, range(100, 105), start=10),
            notice(AccessRevoked, 20, to=2),
            notice(AccessRevoked, 21, to=3),
        ],
        crowd=5,
    )
    async with sqlite_store.write() as session:
        person = table_of(Person)
        for number, change in (
            (1, {"given_name": "Zoë “Zo” 🌲", "family_name": "Lee, Jr. <of> Lakeside"}),
            (2, {"email": "unknown@example.org"}),
            (3, {"email": "busy@example.org"}),
        ):
            await session.run(update(person).where(col(Person.id) == number).values(**change))
    report = await deliver(
        sqlite_store,
        policy,
        settings_for(exim_server.port),
        now=NOW,
        clock=Clock(),
        worker="one",
        rng=random.Random(7),  # noqa: S311 - the same waits each time
    )
    assert (report.sent, report.parked, report.retried) == (6, 1, 1)
    rows = await outbox(sqlite_store)
    assert (rows[20].state, rows[20].last_error) == (NoticeState.PARKED, "smtp 550")
    assert (rows[21].state, rows[21].last_error) == (NoticeState.PENDING, "smtp 451")


async def test_what_arrives_is_what_was_written(
    sqlite_store: Store, policy: Policy, settings_for: SettingsFor, exim_server: Exim
) -> None:
    await fill(sqlite_store, [notice(DecisionWanted, 1, to=1)])
    async with sqlite_store.write() as session:
        change = {"given_name": "Zoë “Zo” 🌲", "family_name": "Lee, Jr. <of> Lakeside"}
        await session.run(update(table_of(Person)).where(col(Person.id) == 1).values(**change))
    await deliver(
        sqlite_store,
        policy,
        settings_for(exim_server.port),
        now=NOW,
        clock=Clock(),
        worker="one",
        rng=random.Random(7),  # noqa: S311
    )
    (data,) = exim_server.inbox
    log = exim_server.log
    message = email.message_from_bytes(data, policy=default)
    assert "<= steward@example.org" in log
    assert message["Envelope-To"] == "person1@example.org"
    assert message["To"].addresses[0].display_name == "Zoë “Zo” 🌲 Lee, Jr. <of> Lakeside"
    assert message["Subject"] == "Decide by Fri 30 Oct 2026: @lakeside.school on Instagram"
    assert message["Auto-Submitted"] == "auto-generated"
    assert max(len(line) for line in data.split(b"\n")) <= 998
    kinds = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    body = message.get_body(("plain",))
    assert body is not None
    assert "Hello Zoë “Zo” 🌲 Lee, Jr. <of> Lakeside," in body.get_content()

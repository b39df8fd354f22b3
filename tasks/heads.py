"""The head of the audit chain leaves by itself: signed, to a file and an address of the settings.

The nightly sweep lets it leave. What left is noted in the store, and `steward audit verify` holds the chain
against it.
"""

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from schemas.errors import BadInput, BadSettings, MailRefused
from tasks.files import heads as notes
from tasks.files.own_key import own_key
from tasks.mail.mime import is_address, message_id, sender_of
from tasks.mail.smtp import Post, Smtp
from tasks.runtime import Runtime
from tasks.store import audit, left
from tasks.store.audit import Head

_SUBJECT = "The head of the audit chain: entry {seq}"
_TEXT = """{note}
Keep this message where whoever reaches Steward's machine can't change it. Without it nobody sees that the
end of the audit chain was cut off, or that an old copy was put back.

    steward audit verify --head {hash}

The five lines above the first sentence, in a file of their own, are for `steward audit verify --heads FILE`:
they are signed, with the key whose public half is

    {key}
"""


async def leave(runtime: Runtime, now: datetime, *, post: Post | None = None) -> Sequence[str]:
    """Let the newest head leave by every way of the settings by which it has not left yet.

    Gives a sentence for each way that failed: it is tried again with the next head. `post` stands in for the
    mail server of the settings. Raises BadInput where there is no key, StoreUnavailable.
    """
    settings = runtime.settings
    async with runtime.store.read() as session:
        head, before = await audit.head(session), await left.newest(session)
    if head == audit.EMPTY:
        return ()
    same = before is not None and before.hash == head.hash
    done = before.ways if before is not None and same else ()
    note, key = signed(runtime, head)
    ways, failed = list[str](), list[str]()
    if settings.heads_file is not None and "file" not in done:
        try:
            notes.append(settings.heads_file, note)
        except BadInput as error:
            failed.append(str(error))
        else:
            ways.append("file")
    if settings.heads_address is not None and "address" not in done:
        try:
            await _send(runtime, head, _TEXT.format(note=note, hash=head.hash, key=key), now, post)
        except (MailRefused, BadSettings) as error:
            failed.append(f"The head of the audit chain did not leave by mail. {error}")
        else:
            ways.append("address")
    if ways or not same:
        async with runtime.store.write(audited=False) as session:
            await left.note(session, head, ways, now)
    return failed


def signed(runtime: Runtime, head: Head) -> tuple[str, str]:
    """The head as a signed note, and the public key as people keep it. Raises BadInput."""
    key = own_key(runtime.settings.shared_dir)
    return notes.signed(notes.LeftHead(head.seq, head.hash), key), notes.public_text(key.public_key())


async def _send(runtime: Runtime, head: Head, text: str, now: datetime, post: Post | None) -> None:
    """A plain mail to the address of the settings. Raises BadSettings, MailRefused."""
    settings = runtime.settings
    to = settings.heads_address or ""
    if not is_address(to):
        raise BadSettings("The setting STEWARD_HEADS_ADDRESS needs a plain mail address.")
    sender = sender_of(settings.mail_from, settings.mail_reply_to)
    mail = EmailMessage(SMTP)
    mail["From"], mail["To"] = settings.mail_from, to
    mail["Subject"], mail["Date"] = _SUBJECT.format(seq=head.seq), format_datetime(now)
    mail["Message-ID"] = message_id(f"head/{head.seq}/{head.hash}", sender.domain)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    carrier = post or Smtp(settings, per_connection=1)
    try:
        await carrier.send(sender.address, to, mail.as_bytes())
    finally:
        if post is None:
            await carrier.close()

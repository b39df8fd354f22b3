"""What the letters that could not leave are about, and why they could not, for who reads a page."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import col, select

from policy.model import Policy
from policy.notices import NoticeContext
from schemas.errors import BadInput, MailRefused
from schemas.language import later, t
from schemas.machinery import Notice
from schemas.settings import Settings
from tasks.mail import rows
from tasks.mail.mime import sender_of
from tasks.mail.writing import entry
from tasks.store.session import Session

#: By how a code begins. Those of a server come as they are in brackets: its people ask for them.
_WHY: Mapping[str, str] = {
    "smtp 5": later("their mail server refuses the address"),
    "given up": later("no server took it, however often it was tried"),
    "no usable address": later("nobody can write to this address"),
    "facts do not fit": later("it can't be written: tell whoever runs Steward"),
    "refused at the door": later("it can't be written: tell whoever runs Steward"),
}


def why(code: str | None) -> str:
    """Why a letter could not leave, in the language spoken."""
    said = next((words for begin, words in _WHY.items() if (code or "").startswith(begin)), "")
    if not said:
        return code or t("nobody noted why")
    numbers = "".join(one for one in code or "" if one.isdigit())
    return f"{t(said)} ({numbers})" if numbers else t(said)


async def subjects(
    session: Session, policy: Policy, settings: Settings, numbers: Sequence[int], now: datetime
) -> Mapping[int, str]:
    """The subject that each of these letters would have now; those that can't be written are left out."""
    if not numbers:
        return {}
    notices = (await session.exec(select(Notice).where(col(Notice.id).in_(numbers)))).all()
    known = await rows.load(session, notices, now.astimezone(policy.zone).date())
    sender = sender_of(settings.mail_from, settings.mail_reply_to)
    found = {}
    for one in notices:
        try:
            found[one.id or 0] = entry(NoticeContext(one, known, policy, now), sender).subject
        except (MailRefused, BadInput):
            continue
    return found

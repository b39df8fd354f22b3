"""A letter of the outbox as its reader would get it now, for whoever runs Steward."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from policy.model import Policy
from policy.notices import Rows
from schemas.errors import NotNow, Unknown
from schemas.machinery import Notice
from schemas.notices import NoticeState
from schemas.people import Person
from schemas.settings import Settings
from schemas.words import SubjectKind
from tasks.mail import rows
from tasks.mail.messages import Message, as_messages
from tasks.mail.mime import sender_of
from tasks.mail.waiting import WaitingNotice, as_waiting
from tasks.mail.writing import Writer
from tasks.store.session import Session

#: What few may see (ADR 72): a letter about it is for its reader alone.
_FOR_FEW = frozenset({SubjectKind.INCIDENT, SubjectKind.CONTACT})

_WAITS = frozenset({NoticeState.PENDING, NoticeState.SENDING, NoticeState.PARKED})


@dataclass(frozen=True)
class WaitingLetter:
    """The letter in which a notice would leave now: `data` is the whole mail, with `notices` in it.

    `not_shown`: notices of the same letter that only its reader reads.
    """

    waits: WaitingNotice
    notices: tuple[int, ...]
    not_shown: tuple[int, ...]
    data: bytes


async def waiting_letter(
    session: Session, policy: Policy, settings: Settings, number: int, *, now: datetime, caught: bool
) -> WaitingLetter:
    """The letter in which this notice would leave, with all that leaves with it. Nothing is changed.

    `caught`: letters stay on this machine, where whoever may look reads each of them once it has left. Where
    they do not, what few may see is not shown. Raises Unknown where there is no such notice, NotNow where
    there is nothing to read.
    """
    notice = await session.get(Notice, number)
    if notice is None:
        raise Unknown(f"There is no notice {number}: `steward mail list --all` shows all of the outbox.")
    if notice.state not in _WAITS:
        raise NotNow(_over(notice))
    message = await _message(session, policy, notice, now)
    known = await rows.load(session, message.notices, now.astimezone(policy.zone).date())
    hidden = [] if caught else [one for one in message.notices if _is_for_few(one, known)]
    if notice in hidden:
        raise NotNow(f"Notice {number} is about what few may see: only its reader reads it, once it leaves.")
    shown = Message(
        message.key,
        message.person_id,
        tuple(one for one in message.notices if one not in hidden),
        gathered=message.gathered,
    )
    sender = sender_of(settings.mail_from, settings.mail_reply_to, settings.portal_address)
    writer = Writer(policy, sender, known, now)
    mail = writer.write(shown)
    left_out: Mapping[int, str] = {
        one: str(result.values["last_error"]) for result in writer.take_results() for one in result.ids
    }
    if mail is None or number in left_out:
        code = left_out.get(number, "left out")
        raise NotNow(f"Notice {number} would not leave now, since its cause is gone or amiss: {code}.")
    person = await session.get_one(Person, notice.person_id)
    return WaitingLetter(
        as_waiting(notice, person.email),
        mail.message.ids,
        tuple(one.id for one in hidden if one.id is not None),
        mail.data,
    )


async def _message(session: Session, policy: Policy, notice: Notice, now: datetime) -> Message:
    """What leaves together with it, by then. One that is parked, or leaves just now, is looked at alone."""
    together: Sequence[Notice] = (notice,)
    if notice.state is NoticeState.PENDING:
        found = await session.exec(
            select(Notice)
            .where(
                col(Notice.person_id) == notice.person_id,
                col(Notice.urgency) == notice.urgency,
                col(Notice.state) == NoticeState.PENDING,
                col(Notice.not_before) <= max(notice.not_before, now) + timedelta(seconds=1),
            )
            .order_by(col(Notice.id))
        )
        together = found.all()
    made = as_messages(together, now.astimezone(policy.zone).date())
    return next(one for one in made if notice.id in one.ids)


def _is_for_few(notice: Notice, known: Rows) -> bool:
    item = known.items.get(notice.subject_id) if notice.subject_kind is SubjectKind.ITEM else None
    return notice.subject_kind in _FOR_FEW or (item is not None and item.subject_kind in _FOR_FEW)


def _over(notice: Notice) -> str:
    if notice.state is NoticeState.SENT:
        return (
            f"Notice {notice.id} has left. What the mail catcher has of it is in `steward mail list`; "
            "of what went to a mail server nothing is kept."
        )
    code = notice.last_error or "no reason noted"
    return f"Notice {notice.id} did not leave and will not, since its cause is gone: {code}."

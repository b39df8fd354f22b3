"""From parcels to bytes: what is dropped, what is parked, and what can leave."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from policy.model import Policy
from policy.notices import NoticeContext, NoticeKind, Rows, read
from schemas.errors import BadInput, MailRefused
from schemas.machinery import Notice
from schemas.notices import NoticeState
from schemas.people import Person
from tasks.mail.fates import Fate, ended
from tasks.mail.message import Sender, build, is_address, message_id
from tasks.mail.parcel import Parcel
from tasks.mail.render import digest, entry, letter

log = structlog.get_logger("steward.mail")


@dataclass(frozen=True)
class Mail:
    """A mail that can leave: the parcel without what was dropped from it, and its bytes."""

    parcel: Parcel
    address: str
    identity: str
    data: bytes


@dataclass
class Writer:
    """Writes the mails of one batch; `fates` gathers what will not leave, and why."""

    policy: Policy
    sender: Sender
    rows: Rows
    now: datetime
    fates: list[Fate] = field(default_factory=list)

    def write(self, parcel: Parcel) -> Mail | None:
        """The mail of a parcel; None where nothing of it is to leave."""
        cases = [case for notice in parcel.notices if (case := self._case(parcel, notice)) is not None]
        if not cases:
            return None
        try:
            return self._mail(parcel, cases)
        except MailRefused:
            # One that can't be written must not keep the others of a digest from leaving.
            fit = [case for case in cases if self._is_fit(parcel, case)]
        return self._mail(parcel, fit) if fit else None

    def take_fates(self) -> list[Fate]:
        """What was found not to leave since this was last asked."""
        taken, self.fates = self.fates, []
        return taken

    def _case(self, parcel: Parcel, notice: Notice) -> NoticeContext | None:
        """The notice with its facts; None where it is dropped or parked."""
        case = NoticeContext(notice, self.rows, self.policy, self.now)
        try:
            reason = _stale(read(notice), case) if case.recipient.active else "person inactive"
        except (LookupError, BadInput):
            self._end(parcel, notice, NoticeState.PARKED, "facts do not fit")
            return None
        if reason is not None:
            self._end(parcel, notice, NoticeState.DEAD, reason)
        elif not is_address(case.recipient.email):
            self._end(parcel, notice, NoticeState.PARKED, "no usable address")
        else:
            return case
        return None

    def _is_fit(self, parcel: Parcel, case: NoticeContext) -> bool:
        try:
            self._mail(parcel, [case])
        except MailRefused as error:
            log.warning("notice refused at the door", notice=case.notice.id, why=str(error))
            self._end(parcel, case.notice, NoticeState.PARKED, "refused at the door")
            return False
        return True

    def _mail(self, parcel: Parcel, cases: Sequence[NoticeContext]) -> Mail:
        """Raises MailRefused for what can't be written."""
        kept = Parcel(
            parcel.key, parcel.person_id, tuple(case.notice for case in cases), gathered=parcel.gathered
        )
        identity = message_id(kept.key, self.sender.domain)
        person: Person = cases[0].recipient
        if kept.gathered:
            entries = [entry(case, self.sender) for case in cases]
            written = digest(entries, cases[0], self.sender, uncertain=kept.uncertain)
        else:
            written = letter(cases[0], self.sender, uncertain=kept.uncertain)
        data = build(
            written,
            sender=self.sender,
            name=person.name,
            address=person.email,
            identity=identity,
            notices=kept.ids,
            uncertain=kept.uncertain,
            now=self.now,
        )
        return Mail(kept, person.email, identity, data)

    def _end(self, parcel: Parcel, notice: Notice, state: NoticeState, reason: str) -> None:
        log.info(
            "notice will not leave",
            notice=notice.id,
            kind=notice.kind,
            state=state.value,
            reason=reason,
        )
        self.fates.append(ended(parcel, (notice.id or 0,), state, reason))


def _stale(kind: NoticeKind, case: NoticeContext) -> str | None:
    """Why it need not leave. Where a row is not there, the letter will say so."""
    with suppress(LookupError):
        return kind.stale(case)
    return None

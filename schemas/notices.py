"""The outbox's words, and the root of all notices: what a decision gives along for the mail."""

from enum import StrEnum
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from schemas.states import State
from schemas.words import SubjectKind


class Urgency(StrEnum):
    """When a notice may leave."""

    URGENT = "urgent"  # at once, at any hour
    NORMAL = "normal"  # on its own, within the person's working hours
    LOW = "low"  # gathered into the person's one digest of the day


class NoticeState(StrEnum):
    """Where a notice is in the outbox."""

    PENDING = "pending"  # to be sent at `not_before` or later
    SENDING = "sending"  # leased by one sender until `lease_until`
    SENT = "sent"  # the server said 250
    PARKED = "parked"  # a person must look: it is refused, or was tried for as long as the policy says
    DEAD = "dead"  # its cause went, or its person left, before it could leave


class NoticeFacts(BaseModel):
    """What a `Tell` step gives along: ids, dates, counts and reasons without names.

    Names, handles and schools are looked up from the ids when the mail is written. So they are never
    stale, and the outbox holds nobody's name. Every class is in `policy.notices`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    #: How the outbox names the notice, from the class's name: AccountLive is "account_live".
    kind: ClassVar[str] = ""
    urgency: ClassVar[Urgency] = Urgency.NORMAL
    #: What it may be about.
    about: ClassVar[frozenset[SubjectKind]] = frozenset()
    #: The states that it tells of, where it tells of any.
    tells_of: ClassVar[tuple[State, ...]] = ()

    def stored(self) -> dict[str, Any]:
        """As JSON keeps it in `Notice.facts`."""
        return self.model_dump(mode="json")

"""What an act would do, before it is done: who would be told, and which states would change."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from policy.model import Policy
from policy.notices import KINDS
from schemas.forms import ActForm
from schemas.language import half, t
from schemas.machinery import AuditEntry, Notice
from schemas.people import Person
from schemas.receipt import Receipt
from schemas.words import Via
from tasks.acts.act import Act
from tasks.store import Store
from tasks.store.session import Session

#: The notices whose readers are not named to who acts, with what is said in place of the name.
_UNNAMED = {kind: one.reader_unnamed for kind, one in KINDS.items() if one.reader_unnamed}


@dataclass(frozen=True)
class Consequences:
    """Names of who would be told besides the actor; changes of state, each with how many.

    `unnamed`: what is said in place of names that are not shown to who acts. `says`: what the receipt would
    say. `missing`: for what it would come back.
    """

    names: Sequence[str]
    changes: Sequence[str]
    says: str = ""
    missing: Sequence[str] = ()
    unnamed: Sequence[str] = ()

    @property
    def told(self) -> Sequence[str]:
        """Who would be told, in the language spoken: names first, then who is not named."""
        return [*self.names, *(t(one) for one in self.unnamed)]

    @property
    def mark(self) -> str:
        """The same for the same people and changes: whether it is still what somebody looked at."""
        return hashlib.sha256("\n".join((*self.names, *self.unnamed, "", *self.changes)).encode()).hexdigest()


async def consequences(
    act: Act[Any, Any], store: Store, policy: Policy, form: ActForm, *, now: datetime, session_id: int
) -> Consequences:
    """Do it, look, and keep nothing. Raises what the act raises."""
    names: list[str] = []
    unnamed: list[str] = []
    changes: dict[str, int] = {}

    async def look(session: Session) -> None:
        theirs = select(Notice.person_id).where(col(Notice.created_at) == now)
        people = (
            select(Person)
            .where(
                col(Person.id).in_(theirs.where(col(Notice.kind).not_in(_UNNAMED))),
                col(Person.id) != int(form.actor),
            )
            .order_by(col(Person.family_name), col(Person.id))
        )
        names.extend(one.name for one in (await session.exec(people)).all())
        for kind, said in _UNNAMED.items():
            hidden = theirs.where(col(Notice.kind) == kind, col(Notice.person_id) != int(form.actor))
            unnamed.extend(said for _ in (await session.exec(hidden.distinct())).all())
        entries = select(AuditEntry).where(col(AuditEntry.at) == now, col(AuditEntry.to_state).is_not(None))
        for one in (await session.exec(entries.order_by(col(AuditEntry.seq)))).all():
            what, after = one.subject_kind.value, one.to_state
            said = (
                half("{what} from “{before}” to “{after}”", what=what, before=one.from_state, after=after)
                if one.from_state
                else half("{what} is “{after}”", what=what, after=after)
            )
            changes[said] = changes.get(said, 0) + 1

    done = await act(store, policy, form, via=Via.PORTAL, now=now, session_id=session_id, look=look)
    return Consequences(
        names,
        [
            said if count == 1 else half("{change}, {count} times", change=said, count=count)
            for said, count in changes.items()
        ],
        done.says if isinstance(done, Receipt) else "",
        done.missing if isinstance(done, Receipt) else (),
        unnamed,
    )

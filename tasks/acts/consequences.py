"""What an act would do, before it is done: who would be told, and which states would change."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model import Policy
from schemas.forms import ActForm
from schemas.language import half
from schemas.machinery import AuditEntry, Notice
from schemas.people import Person
from schemas.receipt import Receipt
from schemas.words import Via
from tasks.acts.act import Act
from tasks.store import Store


@dataclass(frozen=True)
class Consequences:
    """Names of who would be told besides the actor; changes of state, each with how many.

    `says`: what the receipt would say. `missing`: for what it would come back.
    """

    told: Sequence[str]
    changes: Sequence[str]
    says: str = ""
    missing: Sequence[str] = ()

    @property
    def mark(self) -> str:
        """The same for the same people and changes: whether it is still what somebody looked at."""
        return hashlib.sha256("\n".join((*self.told, "", *self.changes)).encode()).hexdigest()


async def consequences(
    act: Act[Any, Any], store: Store, policy: Policy, form: ActForm, *, now: datetime, session_id: int
) -> Consequences:
    """Do it, look, and keep nothing. Raises what the act raises."""
    told: list[str] = []
    changes: dict[str, int] = {}

    async def look(session: AsyncSession) -> None:
        people = (
            select(Person)
            .where(
                col(Person.id).in_(select(Notice.person_id).where(col(Notice.created_at) == now)),
                col(Person.id) != int(form.actor),
            )
            .order_by(col(Person.family_name), col(Person.id))
        )
        told.extend(one.name for one in (await session.exec(people)).all())
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
        told,
        [
            said if count == 1 else half("{change}, {count} times", change=said, count=count)
            for said, count in changes.items()
        ],
        done.says if isinstance(done, Receipt) else "",
        done.missing if isinstance(done, Receipt) else (),
    )

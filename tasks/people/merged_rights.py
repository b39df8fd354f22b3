"""No right moves when two records become one: what the other record alone had ends with it.

Whoever gives offices gives them anew, if they are to be. Nobody comes to an office, to a designation or to
somebody's open sign-in because two records were said to be one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Table, delete, or_, select, update
from sqlmodel import col

from policy.authority import policy_office
from policy.notices.people import RecordsMerged
from policy.selects import runs_on
from schemas.columns import table_of
from schemas.errors import NotNow
from schemas.events import EventKind
from schemas.outcome import Emit, RoleAt, Step, Subject, Tell
from schemas.people import Absence, Designation, Role, TerminalUser
from schemas.sign_in import LinkedIdentity, PortalSession
from schemas.words import SubjectKind
from tasks.acts.context import ActContext
from tasks.people.addresses import sign_out
from tasks.people.ending import end_accesses_now
from tasks.people.one_hand import Alone
from tasks.people.standing_in import stands_in_no_longer
from tasks.people.terms import ends
from tasks.store.holders import gives_offices

#: The column that stays with the other record: who deputizes does so for nobody any more.
STAYS = frozenset({("absence", "deputy_id")})


@dataclass(frozen=True)
class Ended:
    """What ended with the other record, and the one that stays does not have too.

    `offices`: each office with its school. `deputized`: whether it stood in for somebody. `steps`: the
    letters on whoever deputizes now.
    """

    offices: Sequence[RoleAt]
    designated: bool
    absences: int
    deputized: bool
    steps: Sequence[Step]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The ids of the offices, each once."""
        return tuple(dict.fromkeys(one.role for one in self.offices))


async def end_rights(context: ActContext, other_id: int, kept_id: int) -> Ended:
    """End the offices, designations and deputizing of the other record, and every open sign-in of both.

    Raises NotNow where nobody who gives offices would be left.
    """
    somebody = await gives_offices(context.session, context.policy, context.today)
    offices = await _alone(context, table_of(Role), other_id, kept_id, ("kind", "school_id"))
    if somebody and not await gives_offices(context.session, context.policy, context.today):
        raise NotNow(
            "The office of the other record would end, and nobody would be left who gives offices: merge the "
            "two the other way round, or give this office to who stays first, with `steward role grant`."
        )
    designated = await _alone(context, table_of(Designation), other_id, kept_id, ("account_id",))
    if designated:
        await end_accesses_now(context, other_id, context.today - timedelta(days=1))
    absences = await _end(context, table_of(Absence), other_id)
    deputized = await _deputizes(context, other_id)
    steps, _ = await stands_in_no_longer(context, other_id)
    await _end_sign_ins(context, other_id, kept_id)
    found = (RoleAt(one.kind, one.school_id) for one in offices)
    return Ended(tuple(dict.fromkeys(found)), bool(designated), len(absences), deputized, steps)


async def _end(context: ActContext, table: Table, person_id: int) -> Sequence[Row[Any]]:
    """End what stands or is to come of a person in one of these tables; the rows as they were."""
    stands = (
        table.c.person_id == person_id,
        or_(table.c.ends_on.is_(None), table.c.ends_on >= context.today),
    )
    rows = await context.session.rows(select(table).where(*stands).order_by(table.c.id))
    over = context.today - timedelta(days=1)
    await context.session.run(update(table).where(*stands).values(**ends(table, over)))
    return rows


async def _alone(
    context: ActContext, table: Table, other_id: int, kept_id: int, what: Sequence[str]
) -> Sequence[Row[Any]]:
    """End what the other record has, as `_end`; the rows of what the one that stays does not have today."""
    rows = await context.session.run(
        select(*(table.c[one] for one in what)).where(
            table.c.person_id == kept_id,
            runs_on(table.c, context.today),
        )
    )
    both = {tuple(row) for row in rows}
    ended = await _end(context, table, other_id)
    return [one for one in ended if tuple(getattr(one, name) for name in what) not in both]


async def _deputizes(context: ActContext, person_id: int) -> bool:
    stands = col(Absence.deputy_id) == person_id, col(Absence.ends_on) >= context.today
    found = await context.session.run(select(col(Absence.id)).where(*stands).limit(1))
    return found.first() is not None


async def _end_sign_ins(context: ActContext, other_id: int, kept_id: int) -> None:
    """Both sign in anew. What led to the other record alone leads to nobody."""
    its = table_of(PortalSession)
    await context.session.run(delete(its).where(its.c.person_id == other_id))
    await sign_out(context, (other_id, kept_id))
    linked, user = table_of(LinkedIdentity), table_of(TerminalUser)
    await context.session.run(delete(linked).where(linked.c.person_id == other_id))
    await context.session.run(
        update(user)
        .where(user.c.person_id == other_id, user.c.ended_at.is_(None))
        .values(ended_at=context.now)
    )


def tell_of_merge(
    context: ActContext, other_id: int, kept_id: int, ended: Ended, alone: Alone, reason: str
) -> tuple[Step, ...]:
    """The letters of the same hour: to both addresses, who gives offices, and who else holds what ended."""
    about, duties = Subject(SubjectKind.PERSON, kept_id), context.policy.duties
    facts = RecordsMerged(
        by_id=context.person_id,
        person_ids=(other_id,),
        offices=ended.kinds,
        designated=ended.designated,
        requests=alone.requests,
        leaves=alone.leaves,
        reports=alone.reports,
        reason=reason,
    )
    readers: tuple[int | RoleAt, ...] = (
        *(kept_id, other_id, context.person_id),
        *(RoleAt(one) for one in duties.gives_offices),
        policy_office(context.policy),
        *ended.offices,
    )
    told = (Tell(facts, one, f"{about}/merged:{other_id}", about) for one in dict.fromkeys(readers))
    return (*told, Emit(EventKind.NOTICES_WAITING, about))


def says_ended(context: ActContext, other_id: int, ended: Ended) -> tuple[str, ...]:
    """The sentences of a preview and a receipt on what ends, and on signing in."""
    said = []
    if ended.kinds:
        offices = ", ".join(context.policy.label(one) for one in ended.kinds)
        said.append(f"No office moves: what person {other_id} alone held ends ({offices}).")
        said.append("Who gives offices gives it anew, if it is to be.")
    if ended.designated:
        said.append(f"The designation of person {other_id} ends, and the accesses that hang on it.")
    if ended.absences:
        said.append(f"The absences noted of person {other_id} end: note them anew.")
    if ended.deputized:
        said.append(f"Person {other_id} deputizes for nobody any more.")
    said.append("Both sign in anew, with the address of the record that stays.")
    return tuple(said)

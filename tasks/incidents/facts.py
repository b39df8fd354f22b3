"""The facts of a report, and who may decide on it today."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlmodel import col

from policy.incidents import offices, subject_of
from policy.model import Policy
from schemas.facts import IncidentFacts
from schemas.incidents import Incident
from schemas.machinery import ActionItem
from schemas.people import Person
from schemas.states import IncidentState
from schemas.words import ItemKind, ItemState, SubjectKind
from tasks.store import lookup
from tasks.store.climbed import climbed_to
from tasks.store.holders import Holder, holders
from tasks.store.session import Session


def _stand(found: Iterable[Holder], barred: frozenset[int]) -> tuple[tuple[int, int | None], ...]:
    """Each with whom they stand in for: one of the people concerned, where they do so on the way."""
    return tuple((one.person_id, next(iter(sorted(one.through & barred)), one.deputy_for)) for one in found)


async def incident_facts(
    session: Session, number: int, policy: Policy, today: date, *, of: IncidentState | None = None
) -> tuple[Incident, IncidentFacts]:
    """The row and its facts; `of`: who decides in that state, to which it is about to move.

    Raises Unknown.
    """
    row = await lookup.by_id(session, Incident, number)
    state = of or IncidentState(row.state)
    person = None if row.person_id is None else await lookup.by_id(session, Person, row.person_id)
    concerned = [row.reported_by_id, row.person_id]
    if state is IncidentState.APPEALED:
        concerned += [row.decided_by_id, row.deputy_for_id]
    barred = frozenset(one for one in concerned if one is not None)
    items = await session.run(
        select(col(ActionItem.key)).where(
            col(ActionItem.subject_kind) == SubjectKind.INCIDENT,
            col(ActionItem.subject_id) == number,
            col(ActionItem.kind) == ItemKind.DECIDE_REPORT,
            col(ActionItem.state) == ItemState.OPEN,
        )
    )
    climbed = await climbed_to(session, policy, ItemKind.DECIDE_REPORT, subject_of(number), None)
    held = [(one, await holders(session, one, today)) for one in offices(policy, state)]
    deciding = [(one, _stand(people, barred)) for one, people in held]
    reached = [one for office in climbed for one in _stand(await holders(session, office, today), barred)]
    return row, IncidentFacts(
        id=number,
        state=IncidentState(row.state),
        version=row.version,
        under=row.under,
        reported_by_id=row.reported_by_id,
        person_id=row.person_id,
        person_active=person is not None and person.active,
        answer_by=row.answer_by,
        appeal_by=row.appeal_by,
        offices=tuple(deciding),
        barred=barred,
        away=frozenset(one.person_id for _, people in held for one in people if one.absent),
        climbed=tuple(reached),
        asked=frozenset(items.scalars()),
    )

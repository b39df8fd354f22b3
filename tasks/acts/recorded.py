"""Telling a person what somebody else recorded in their name."""

from datetime import date

from policy.controls import Control
from policy.notices.people import Recorded, RecordedForYou
from schemas.outcome import Step, Subject, Tell
from schemas.words import SubjectKind
from tasks.acts.context import ActContext


def told_in_digest(
    context: ActContext,
    person_id: int,
    what: Recorded,
    kind: type[Control],
    cause: str,
    first: date,
    last: date | None = None,
    *,
    office: str = "",
    reason: str = "",
    away: int | None = None,
) -> tuple[Step, ...]:
    """The step that tells the person; none where they did it themselves. `cause` names the recorded row.

    `away`: whose absence it is, where it is told to a deputy.
    """
    if context.person_id in {person_id, 0}:
        return ()
    control = next((one.name for one in context.policy.of(kind)), "")
    facts = RecordedForYou(
        what=what,
        control=control,
        by_id=context.person_id,
        recorded_on=context.today,
        first=first,
        last=last,
        office=office,
        reason=reason,
        person_ids=() if away is None else (away,),
    )
    subject = Subject(SubjectKind.PERSON, person_id)
    return (Tell(facts, person_id, f"{subject}/{cause}", subject),)

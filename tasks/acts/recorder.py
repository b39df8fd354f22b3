"""Who records an act: the person, somebody else in their name, or whoever has Prefect's login."""

from typing import NamedTuple

from sqlmodel import col, select

from policy.notices.people import RecordedInYourName
from schemas.errors import NotAllowed
from schemas.outcome import Step, Subject, Tell
from schemas.people import Person, TerminalUser
from schemas.words import SubjectKind, Via
from tasks.acts.context import ActContext
from tasks.store.audit import Actor
from tasks.store.session import Session


class TypedBy(NamedTuple):
    """The operating system's name for who runs a command, and the machine's."""

    user: str
    host: str


async def recorded_by(session: Session, actor: Actor, *, in_person: bool) -> int | None:
    """The number of who types in the actor's name; None where it is the actor, or no user is bound yet.

    Raises NotAllowed for a user who is bound to nobody, and for what only the person records.
    """
    if actor.os_user is None:
        return None
    standing = (
        select(TerminalUser.user, TerminalUser.host, TerminalUser.person_id)
        .join(Person, col(Person.id) == col(TerminalUser.person_id))
        .where(col(TerminalUser.ended_at).is_(None), col(Person.active))
    )
    bound = {(user, host): person for user, host, person in (await session.exec(standing)).all()}
    if not bound:
        return None
    person = bound.get((actor.os_user, actor.host or ""))
    if person is None:
        raise NotAllowed(
            "It is not known whose user this is on this machine: somebody who gives offices binds it to you "
            f"with `steward user bind {actor.os_user} YOU --host {actor.host}`."
        )
    if person == actor.person_id:
        return None
    if in_person:
        raise NotAllowed(
            "Only the person records this, and this user of the machine is somebody else: log in as them."
        )
    return person


def told_of_it(context: ActContext, does: str) -> tuple[Step, ...]:
    """The step that tells who acts that somebody else recorded it, at a terminal or through Prefect."""
    actor = context.actor
    through_form = actor.via is Via.PREFECT_FORM
    if actor.person_id is None or (actor.recorded_by is None and not through_form):
        return ()
    subject = Subject(SubjectKind.PERSON, actor.person_id)
    facts = RecordedInYourName(does=does, by_id=actor.recorded_by, recorded_on=context.today)
    cause = f"{subject}/in your name/{does}/{context.now:%Y%m%dT%H%M%S.%f}"
    return (Tell(facts, actor.person_id, cause, subject),)

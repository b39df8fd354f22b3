"""Who each user of a machine is, so that what is typed at a terminal counts as a person's word."""

import socket
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy import insert, update
from sqlmodel import col, select

from policy.controls.administrators import Administrators
from policy.notices.offices import OfficeChange
from schemas.columns import table_of
from schemas.errors import AlreadyDone, NotNow
from schemas.forms import ActForm, Line, OnCommand, PersonRef
from schemas.outcome import Outcome, Subject
from schemas.people import Person, TerminalUser
from schemas.receipt import Receipt
from schemas.words import SubjectKind
from tasks.acts.act import act, always
from tasks.acts.context import ActContext
from tasks.acts.who import GIVING_OFFICES
from tasks.people.noting import stored, tell_offices
from tasks.store import Store
from tasks.store.session import Session

_OR_THIS = "The machine's name; the one on which this is recorded, if left out."


class _UserForm(ActForm):
    user: Annotated[Line, OnCommand(positional=True)] = Field(
        title="User", min_length=1, max_length=64, description="The operating system's name for the user."
    )


class BindingForm(_UserForm):
    """A user of a machine is this person: whatever the user types counts as theirs, and nobody else's.

    From the first one on, whoever is bound to nobody records nothing at a terminal.
    """

    person: Annotated[PersonRef, OnCommand(positional=True)] = Field(
        title="Who", description="Whose user it is: e-mail address, number or name."
    )
    host: Line = Field(default="", max_length=253, title="Machine", description=_OR_THIS)


class UnbindingForm(_UserForm):
    """A user of a machine is that person no longer."""

    host: Line = Field(default="", max_length=253, title="Machine", description=_OR_THIS)


@act(
    BindingForm,
    who=GIVING_OFFICES,
    does="binds a user",
    control=(Administrators,),
    in_person=True,
    dangerous=always,
)
async def bind_user(context: ActContext, form: BindingForm) -> Receipt:
    """Bind a user of a machine to a person. Raises Unknown, AlreadyDone where it is bound."""
    host = _host(context, form.host)
    person, person_id = await stored(context, form.person)
    standing = await _standing(context.session, form.user, host)
    if standing is not None:
        whose = "this person" if standing.person_id == person_id else f"person {standing.person_id}"
        raise AlreadyDone(f"This user is bound to {whose}: `steward user unbind` ends that first.")
    values = {"person_id": person_id, "bound_by_id": context.person_id, "bound_at": context.now}
    await context.session.run(insert(table_of(TerminalUser)).values(user=form.user, host=host, **values))
    return await _told(context, person, "bound", f"{form.user} on {host} is {person.name} from now on.")


@act(UnbindingForm, who=GIVING_OFFICES, does="unbinds a user", control=(Administrators,), in_person=True)
async def unbind_user(context: ActContext, form: UnbindingForm) -> Receipt:
    """End a binding. Raises NotNow where there is none."""
    host = _host(context, form.host)
    standing = await _standing(context.session, form.user, host)
    if standing is None:
        raise NotNow("This user is bound to nobody there: `steward user list` shows who is.")
    person, _ = await stored(context, str(standing.person_id), must_be_active=False)
    await context.session.run(
        update(TerminalUser).where(col(TerminalUser.id) == standing.id).values(ended_at=context.now)
    )
    return await _told(
        context, person, "no longer bound", f"{form.user} on {host} is {person.name} no longer."
    )


def _host(context: ActContext, given: str) -> str:
    return given or context.actor.host or socket.gethostname()


async def _standing(session: Session, user: str, host: str) -> TerminalUser | None:
    asked = select(TerminalUser).where(
        col(TerminalUser.user) == user, col(TerminalUser.host) == host, col(TerminalUser.ended_at).is_(None)
    )
    return (await session.exec(asked)).first()


async def _told(context: ActContext, person: Person, change: OfficeChange, says: str) -> Receipt:
    subject = Subject(SubjectKind.PERSON, person.id or 0)
    cause = f"user/{change}/{context.now:%Y%m%dT%H%M%S.%f}"
    await context.apply(Outcome(tell_offices(context, person.id or 0, cause, change)))
    await context.note(subject, control="", cause=f"user {change}")
    return Receipt(subject, change, says)


@dataclass(frozen=True)
class Bound:
    """A user of a machine, whose it is, and since when."""

    user: str
    host: str
    person: int
    name: str
    bound_at: datetime


async def bound_users(store: Store) -> tuple[Bound, ...]:
    """The users that are bound to somebody, by machine and name."""
    asked = (
        select(TerminalUser, Person)
        .join(Person, col(Person.id) == col(TerminalUser.person_id))
        .where(col(TerminalUser.ended_at).is_(None))
        .order_by(col(TerminalUser.host), col(TerminalUser.user), col(TerminalUser.id))
    )
    async with store.read() as session:
        rows = (await session.exec(asked)).all()
    return tuple(
        Bound(user.user, user.host, user.person_id, person.name, user.bound_at) for user, person in rows
    )

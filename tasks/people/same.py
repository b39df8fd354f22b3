"""Whether somebody of a roster, under a new id and new names, is who has their address: a person says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from sqlalchemy import func, select, update
from sqlmodel import col
from sqlmodel import select as rows_of

from policy.authority import policy_office
from policy.controls.administrators import Administrators
from schemas.columns import table_of
from schemas.errors import AlreadyDone
from schemas.forms import ActForm, OnCommand
from schemas.outcome import Ask, Outcome, Settle, Subject
from schemas.people import Person, SamePerson
from schemas.receipt import Receipt
from schemas.roster import SameQuestion
from schemas.words import ItemKind, SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import FILES_OFFICES
from tasks.store import Store, lookup
from tasks.store.session import Session
from tasks.store.upsert import insert_once


@dataclass(frozen=True)
class Asked:
    """A question that is open: who has the address here, and who has it in the roster."""

    question: int
    email: str
    here: str
    in_the_roster: str


async def answers(session: Session) -> dict[tuple[str, int], bool]:
    """What was said so far, by the roster's id and the person's number."""
    found = await session.exec(rows_of(SamePerson).where(col(SamePerson.settled_at).is_not(None)))
    return {(one.source_id, one.person_id): bool(one.same) for one in found.all()}


async def open_questions(store: Store) -> tuple[Asked, ...]:
    """The questions that nobody has answered, oldest first."""
    async with store.read() as session:
        asked = (
            rows_of(SamePerson, Person)
            .join(Person, col(Person.id) == col(SamePerson.person_id))
            .where(col(SamePerson.settled_at).is_(None))
            .order_by(col(SamePerson.id))
        )
        return tuple(
            Asked(one.id or 0, one.email, person.name, f"{one.given_name} {one.family_name}")
            for one, person in (await session.exec(asked)).all()
        )


async def ask_who_is_the_same(context: ActContext, found: Sequence[SameQuestion], import_id: int) -> None:
    """Keep the questions of an import, and ask for all of them by one item."""
    if not found:
        return
    for one in found:
        await insert_once(
            context.session,
            table_of(SamePerson),
            {
                "import_id": import_id,
                "source_id": one.person.source_id,
                "person_id": one.stored.id,
                "email": one.person.email,
                "given_name": one.person.given_name,
                "family_name": one.person.family_name,
                "asked_at": context.now,
            },
            unique=["source_id", "person_id"],
        )
    kind, policy = ItemKind.SETTLE_ROW, context.policy
    subject = Subject(SubjectKind.IMPORT, import_id)
    due = context.calendar.due_after(context.today, school_days=policy.terms(kind).due_school_days)
    control = policy.name_of(Administrators)
    await context.apply(
        Outcome((Ask(f"{subject}/same", kind, policy_office(policy), subject, control, due),))
    )


class SameForm(ActForm):
    """Say whether somebody of a roster is the person who has their address here."""

    question: Annotated[int, OnCommand(positional=True)] = Field(
        ge=1, title="Question number", description="The question's number, from `steward import unmatched`."
    )
    same: Annotated[bool, OnCommand("--same/--not-the-same")] = Field(
        title="The same person", description="Whether both are one person."
    )


@act(SameForm, who=FILES_OFFICES, does="says who is the same", control=(Administrators,), in_person=True)
async def say_who_is_the_same(context: ActContext, form: SameForm) -> Receipt:
    """Keep the answer; the next import of the roster goes by it.

    The same: what they hold here is theirs under the new id and names. Not the same: who had the address
    here leaves with the next import and loses it, and the other comes in as somebody new.

    Raises Unknown, AlreadyDone for a question that is answered.
    """
    session = context.session
    one = await lookup.by_id(session, SamePerson, form.question)
    if one.settled_at is not None:
        said = "the same person" if one.same else "not the same person"
        raise AlreadyDone(f"Question {form.question} is answered: {said}.")
    await session.run(
        update(table_of(SamePerson))
        .where(col(SamePerson.id) == form.question)
        .values(same=form.same, settled_at=context.now, settled_by_id=context.person_id)
    )
    subject = Subject(SubjectKind.IMPORT, one.import_id)
    await context.note(
        subject,
        control=context.policy.name_of(Administrators),
        cause="who is the same answered",
        body={"question": form.question, "person": one.person_id, "same": form.same},
    )
    open_ones = select(func.count()).where(
        col(SamePerson.import_id) == one.import_id, col(SamePerson.settled_at).is_(None)
    )
    if not (await session.run(open_ones)).scalar_one():
        await context.apply(Outcome((Settle(about=subject, kinds=(ItemKind.SETTLE_ROW,)),)))
    what = "They are one person" if form.same else "They are two people"
    return Receipt(subject, "answered", f"{what}: the next import of the roster goes by it.")

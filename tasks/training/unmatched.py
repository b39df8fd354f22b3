"""Rows of training reports that fit nobody: looking at them, and settling each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Self

from annotated_types import MinLen
from pydantic import Field, model_validator
from sqlalchemy import func, select, update
from sqlmodel import col

from policy.controls.training_before_access import TrainingBeforeAccess
from policy.gates import course_meant
from policy.model import Policy
from schemas.errors import AlreadyDone, BadInput, NotNow, Unknown
from schemas.forms import ActForm, Line, OnCommand, PersonRef
from schemas.gates import UnmatchedRow
from schemas.outcome import Outcome, Settle, Subject
from schemas.people import Person
from schemas.receipt import Receipt
from schemas.words import ItemKind, SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import FILES_OFFICES
from tasks.store import Store, lookup
from tasks.store.audit import Actor
from tasks.store.import_runs import STRANGERS, remember
from tasks.store.session import Session
from tasks.training.completions import find, keep


@dataclass(frozen=True)
class Unmatched:
    """A row that waits. `near` are the addresses of people of the same name or the same mailbox name."""

    row: int
    import_id: int
    line: int
    email: str
    name: str
    completed_on: date
    near: tuple[str, ...]


async def unmatched_rows(store: Store) -> tuple[Unmatched, ...]:
    """Every row that nobody has settled yet, oldest import first."""
    async with store.read() as session:
        return await unmatched_in(session)


_UNSETTLED = (
    select(UnmatchedRow)
    .where(col(UnmatchedRow.settled_at).is_(None))
    .order_by(col(UnmatchedRow.import_id), col(UnmatchedRow.line))
)


async def unmatched_in(session: Session) -> tuple[Unmatched, ...]:
    """The same in a session that reads already."""
    rows = await session.rows(_UNSETTLED)
    if not rows:
        return ()
    people = await session.rows(
        select(col(Person.email), col(Person.given_name), col(Person.family_name)).order_by(col(Person.email))
    )
    near: dict[str, list[str]] = {}
    for one in people:
        near.setdefault(f"{one.given_name} {one.family_name}".casefold(), []).append(one.email)
        near.setdefault(one.email.partition("@")[0], []).append(one.email)
    return tuple(
        Unmatched(
            row.id,
            row.import_id,
            row.line,
            row.email,
            row.name,
            row.completed_on,
            tuple(
                dict.fromkeys(
                    [*near.get(row.name.casefold(), ()), *near.get(row.email.partition("@")[0] or " ", ())]
                )
            ),
        )
        for row in rows
    )


#: So many rows of one mail domain, none of them near anybody here, are settled by one word.
CROWD = 10


def domain_of(email: str) -> str:
    """What stands behind the @ of an address; empty where there is none."""
    return email.rpartition("@")[2] if "@" in email else ""


def crowds(rows: Sequence[Unmatched]) -> tuple[dict[str, int], list[Unmatched]]:
    """Mail domains with a crowd of strangers, such as students, and how many; and the other rows."""
    found = Counter(domain_of(one.email) for one in rows if not one.near)
    many = {domain: count for domain, count in sorted(found.items()) if domain and count >= CROWD}
    return many, [one for one in rows if one.near or domain_of(one.email) not in many]


class DomainForm(ActForm):
    """Say that people of a mail domain, such as students, are none of ours: now and in later reports."""

    domain: Annotated[Line, OnCommand(positional=True)] = Field(
        title="Mail domain", description="What stands behind the @ of their addresses."
    )
    ignore: Annotated[Line, MinLen(3)] = Field(
        title="Why they are nobody's", description="Why they are none of ours, in a few words."
    )


@act(DomainForm, who=FILES_OFFICES, does="settles rows", control=(TrainingBeforeAccess,))
async def settle_domain(context: ActContext, form: DomainForm) -> Receipt:
    """Settle every open row of a mail domain, and pass its people over in later reports.

    Raises BadInput where people here have addresses of this domain, Unknown where no open row has it.
    """
    session, now = context.session, context.now
    domain = form.domain.strip().removeprefix("@").lower()
    ending = f"@{domain}"
    here = await session.run(
        select(col(Person.email)).where(col(Person.email).endswith(ending, autoescape=True))
    )
    if here.first() is not None:
        raise BadInput("People here have addresses of this domain: settle each row, `steward import settle`.")
    its = col(UnmatchedRow.email).endswith(ending, autoescape=True), col(UnmatchedRow.settled_at).is_(None)
    rows = await session.rows(select(col(UnmatchedRow.import_id)).where(*its))
    if not rows:
        raise Unknown("No open row has an address of this domain: `steward import unmatched` shows them.")
    await session.run(update(UnmatchedRow).where(*its).values(settled_at=now, settled_how=form.ignore))
    await remember(session, STRANGERS, domain, form.ignore, by_id=context.person_id, now=now)
    for import_id in sorted({row.import_id for row in rows}):
        subject = Subject(SubjectKind.IMPORT, import_id)
        await context.note(
            subject,
            control=context.policy.name_of(TrainingBeforeAccess),
            cause="unmatched rows of a domain ignored",
            body={"rows": sum(row.import_id == import_id for row in rows)},
        )
        if not await _left(session, import_id):
            await context.apply(Outcome((Settle(about=subject, kinds=(ItemKind.SETTLE_ROW,)),)))
    settled = (
        "1 row is settled; later reports pass such rows over."
        if len(rows) == 1
        else f"{len(rows)} rows are settled; later reports pass such rows over."
    )
    return Receipt(subject, "settled", settled)


class SettlementForm(ActForm):
    """Say whose an unmatched row of a training report is, or why it is nobody's."""

    row: Annotated[int, OnCommand(positional=True)] = Field(
        ge=1, title="Row number", description="The row's number, from `steward import unmatched`."
    )
    person: PersonRef | None = Field(
        default=None, title="Whose it is", description="Whose it is: e-mail address, number or name."
    )
    ignore: Annotated[Line | None, MinLen(3)] = Field(
        default=None, title="Why it is nobody's", description="Why it is nobody's, in a few words."
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.person is None) == (self.ignore is None):
            raise ValueError("say either whose row it is or why it is nobody's")
        return self


@act(
    SettlementForm,
    who=FILES_OFFICES,
    does="settles a row",
    control=(TrainingBeforeAccess,),
)
async def settle_row(context: ActContext, form: SettlementForm) -> Receipt:
    """Say whose row it is (`person`, an address), or why it is nobody's (`ignore`).

    A row that is somebody's becomes their completion, and later reports with the same address are theirs.

    Raises Unknown, AlreadyDone for a row that is settled, NotNow when this person's completion of
    that day was voided.
    """
    session, policy, now = context.session, context.policy, context.now
    row_id = form.row
    row = await lookup.by_id(session, UnmatchedRow, row_id)
    if row.settled_at is not None:
        raise AlreadyDone(f"Row {row_id} is settled already.")
    subject = Subject(SubjectKind.IMPORT, row.import_id)
    whose: int | None = None
    says = f"Row {row_id} is ignored."
    if form.person is not None:
        whose = await lookup.person_id(session, form.person, must_be_active=False)
        says = await _make_theirs(session, policy, row, whose, context.actor, now)
    await session.run(
        update(UnmatchedRow)
        .where(col(UnmatchedRow.id) == row_id)
        .values(settled_at=now, settled_person_id=whose, settled_how=form.ignore or "matched")
    )
    await context.note(
        subject,
        control=policy.name_of(TrainingBeforeAccess),
        cause="unmatched row settled" if whose else "unmatched row ignored",
        body={"row": row_id, "person": whose},
    )
    left = await _left(session, row.import_id)
    if not left:
        done = Outcome((Settle(about=subject, kinds=(ItemKind.SETTLE_ROW,)),))
        await context.apply(done)
    return Receipt(subject, "settled", f"{says} {_still(left)}")


def _still(left: int) -> str:
    if not left:
        return "No row of its import is left to settle."
    return f"{left} more {'row' if left == 1 else 'rows'} of its import to settle."


async def _left(session: Session, import_id: int) -> int:
    found = await session.run(
        select(func.count())
        .select_from(UnmatchedRow)
        .where(col(UnmatchedRow.import_id) == import_id, col(UnmatchedRow.settled_at).is_(None))
    )
    return int(found.scalar_one())


async def _make_theirs(
    session: Session, policy: Policy, row: UnmatchedRow, person_id: int, actor: Actor, now: datetime
) -> str:
    course = course_meant(policy, row.course)
    known = await find(session, course, person_id, row.completed_on)
    if known is not None and known.voided_at is not None:
        raise NotNow(
            f"This person's completion of {row.completed_on} was voided: restore it with a reason first, "
            "or ignore the row."
        )
    if known is not None:
        return f"Row {row.id} is settled: that completion was recorded already."
    counts = await keep(
        session,
        policy,
        course,
        person_id,
        row.completed_on,
        source=f"import {row.import_id}",
        actor=actor,
        now=now,
    )
    return f"Row {row.id} is settled and the completion of {row.completed_on} recorded; {counts}."

"""Forgetting a person who has left: names and addresses go, what happened stays, and the chain verifies."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import Mapped
from sqlmodel import col

from policy.controls.administrators import Administrators
from policy.identity import forgotten_key
from policy.notices.rosters import AddressChanged
from schemas.accounts import Access, Account, AccountRequest
from schemas.columns import table_of
from schemas.errors import AlreadyDone, NotNow
from schemas.forms import ActForm, OnCommand, PersonRef, Reason
from schemas.machinery import ActionItem, Notice
from schemas.notices import NoticeState
from schemas.outcome import Subject
from schemas.people import Absence, AlsoKnown, Designation, Person, Role
from schemas.receipt import Receipt
from schemas.states import AccessState, RequestState
from schemas.words import ItemState, SubjectKind
from tasks.acts.act import act, always
from tasks.acts.context import ActContext
from tasks.acts.who import POLICY_OFFICE
from tasks.files.own_key import forgotten_secret
from tasks.people.noting import stored
from tasks.people.scrubbing import FAMILY, GIVEN, Traces, drop_texts, scrub
from tasks.store.session import Session

_OPEN = (RequestState.SUBMITTED, RequestState.SENT_BACK, RequestState.AWAITING_DECISION)


class ForgetForm(ActForm):
    """Forget somebody who has left. It can't be undone.

    Their names, addresses and ids go from every record, and so do texts about them. That somebody
    did something on a day stays, and the audit chain stays valid.
    """

    person: Annotated[PersonRef, OnCommand(positional=True)] = Field(
        title="Whom", description="E-mail address, number or name."
    )
    reason: Reason = Field(title="Why", description="Why, in a sentence without names.")
    dry_run: bool = Field(
        default=False, title="Only try", description="Say what would go, and change nothing."
    )


@act(
    ForgetForm,
    who=POLICY_OFFICE,
    does="has a person forgotten",
    control=(Administrators,),
    in_person=True,
    dangerous=always,
)
async def forget_person(context: ActContext, form: ForgetForm) -> Receipt:
    """Forget a person. Raises NotNow while they are here or hold something, AlreadyDone, Unknown."""
    person, person_id = await stored(context, form.person, must_be_active=False)
    if person.forgotten_at is not None:
        raise AlreadyDone("This person was forgotten already.")
    held = await what_they_hold(context.session, person, context.today)
    if held:
        raise NotNow(f"This person can't be forgotten yet: {'; '.join(held)}. End that first.")
    rows = await forget(context.session, person, context.now, reason=form.reason)
    subject = Subject(SubjectKind.PERSON, person_id)
    await context.note(subject, control="", cause="person forgotten", body={"rows": rows})
    if form.dry_run:
        says = f"Nothing was kept: it was only tried. {rows} other rows would lose their names, for good."
        return Receipt(subject, "tried", says)
    return Receipt(
        subject,
        "forgotten",
        f"Person {person_id} is forgotten, and {rows} other rows lost their names; it can't be undone. "
        "Copies of the store, mails that were sent and files that were imported are not in our hands.",
    )


async def what_they_hold(session: Session, person: Person, today: date) -> list[str]:
    """Why somebody can't be forgotten yet, half a sentence each; nothing where they can be."""
    person_id = person.id or 0
    held = []
    if person.active:
        held.append("they are here, and the next roster would bring them again")
    accesses = await session.run(
        select(col(Account.id), col(Access.state))
        .join(Access, col(Access.account_id) == col(Account.id))
        .where(col(Access.person_id) == person_id, col(Access.state) != AccessState.REVOKED)
        .order_by(col(Account.id))
    )
    held += [f"they have {row.state} access to account {row.id}" for row in accesses]
    offices = await session.run(
        select(col(Role.kind)).where(col(Role.person_id) == person_id, _stands(col(Role.ends_on), today))
    )
    held += [f"they hold an office ({row.kind})" for row in offices]
    for what, is_theirs, ends in (
        ("they are designated", col(Designation.person_id) == person_id, col(Designation.ends_on)),
        ("they deputize for somebody", col(Absence.deputy_id) == person_id, col(Absence.ends_on)),
    ):
        if (await session.run(select(exists().where(is_theirs, _stands(ends, today))))).scalar_one():
            held.append(what)
    requests = await session.run(
        select(col(AccountRequest.id)).where(
            col(AccountRequest.requester_id) == person_id, col(AccountRequest.state).in_(_OPEN)
        )
    )
    return [*held, *(f"their request {row.id} is open" for row in requests)]


def _stands(ends_on: Mapped[date | None], today: date) -> ColumnElement[bool]:
    return or_(ends_on.is_(None), ends_on >= today)


async def forget(session: Session, person: Person, now: datetime, *, reason: str) -> int:
    """Take a person's names, addresses and ids out of the store; how many rows of others changed.

    Whoever calls it has made sure that they hold nothing, and adds the audit entry.
    """
    person_id = person.id or 0
    traces = await traces_of(session, person)
    merged = select(col(AlsoKnown.merged_id)).where(col(AlsoKnown.person_id) == person_id)
    merged_ids = list((await session.run(merged)).scalars())
    await drop_texts(session, person_id, traces.addresses)
    rows = await scrub(session, traces)
    await session.run(
        update(table_of(Person))
        .where(col(Person.id) == person_id)
        .values(
            source_id=None,
            given_name=GIVEN,
            family_name=FAMILY,
            email=traces.address_now,
            position="",
            school_id=None,
            supervisor_id=None,
            active=False,
            forget_on=None,
            forgotten_at=now,
            forgotten_key=forgotten_key(person.email, forgotten_secret()),
            forgotten_for=traces.clean(reason),
            language=None,
        )
    )
    await session.run(
        update(table_of(Person))
        .where(col(Person.id).in_(merged_ids))
        .values(
            given_name=GIVEN, family_name=FAMILY, position="", school_id=None, forgotten_at=now, language=None
        )
    )
    await session.run(
        update(table_of(Person)).where(col(Person.supervisor_id) == person_id).values(supervisor_id=None)
    )
    await session.run(
        update(ActionItem)
        .where(col(ActionItem.person_id) == person_id, col(ActionItem.state) == ItemState.OPEN)
        .values(state=ItemState.DROPPED, ended_at=now)
    )
    await session.run(
        update(Notice)
        .where(
            col(Notice.person_id) == person_id,
            col(Notice.state).in_((NoticeState.PENDING, NoticeState.PARKED)),
        )
        .values(state=NoticeState.DEAD)
    )
    return rows


async def traces_of(session: Session, person: Person) -> Traces:
    """Their addresses and names; a name that somebody else here has too is left where it stands."""
    others = await session.run(
        select(col(Person.given_name), col(Person.family_name)).where(
            col(Person.id) != person.id,
            col(Person.id).not_in(
                select(col(AlsoKnown.merged_id)).where(col(AlsoKnown.person_id) == person.id)
            ),
        )
    )
    shared = any(f"{one.given_name} {one.family_name}".casefold() == person.name.casefold() for one in others)
    also = (
        await session.run(select(col(AlsoKnown.email)).where(col(AlsoKnown.person_id) == person.id))
    ).scalars()
    told = select(col(Notice.facts)).where(
        col(Notice.kind) == AddressChanged.kind, col(Notice.person_id) == person.id
    )
    former = [str(facts.get("former", "")) for facts in (await session.run(told)).scalars()]
    return Traces(
        addresses=tuple(dict.fromkeys((person.email, *(one for one in (*also, *former) if one)))),
        names=() if shared else (person.name, f"{person.family_name}, {person.given_name}"),
        address_now=f"forgotten-{person.id}@steward.invalid",
    )

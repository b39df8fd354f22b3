"""Who administers an account: named, replaced, taken off, and kept after all.

Whoever is named passes the gates first. Whoever is taken off is told the last day and the reason before it
comes; until then it can be taken back. The last one who can reach an account stays until somebody else can.
"""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import Field
from sqlalchemy import update
from sqlmodel import col, select

from policy.access_ends import begin_again, end_now, last_day
from policy.authority import approving
from policy.controls.administrators import Administrators
from policy.moves import moved_key
from policy.notices.changes import AccessEnds, AccountChanged
from policy.successors import successor_key
from schemas.accounts import Access, Account
from schemas.errors import AlreadyDone, BadInput, NotNow
from schemas.forms import ActForm, OnCommand, PersonRef
from schemas.machinery import ActionItem
from schemas.outcome import Outcome, Settle, Step, Subject, Tell
from schemas.people import Person
from schemas.receipt import Receipt
from schemas.states import AccessState, AccountState
from schemas.words import AccessEnd, AccessRole, Changed, ItemKind, ItemState, SubjectKind
from tasks.accounts.changing import (
    ChangeForm,
    ChangeReason,
    accesses,
    carry_out,
    concerned,
    open_account,
    record,
    subject_of,
    tell,
)
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import APPROVER, ITS_SCHOOL, THEMSELVES, asked, climbed
from tasks.store import lookup
from tasks.store.transition import begin

_BEGUN = frozenset({AccountState.LIVE, AccountState.SUSPENDED})


class _PersonForm(ChangeForm):
    person: Annotated[PersonRef, OnCommand(positional=True)] = Field(
        title="Who", description="E-mail address, number or name."
    )


class NamingForm(_PersonForm):
    """Name another administrator of an account. Access begins when every step before it is done."""


class TakingOffForm(_PersonForm):
    """Take somebody off an account.

    They are told the last day first, and can be kept until then. An emergency ends the access at once.
    """

    reason: ChangeReason
    at_once: bool = Field(
        default=False, title="At once", description="An emergency: the access ends now, and not in some days."
    )


class ReplacingForm(ChangeForm):
    """Put one administrator in the place of another, who keeps access through the last day."""

    person: Annotated[PersonRef, OnCommand(positional=True)] = Field(
        title="Who goes", description="E-mail address, number or name."
    )
    successor: Annotated[PersonRef, OnCommand("--by")] = Field(
        title="Who comes", description="E-mail address, number or name."
    )
    reason: ChangeReason


class KeepingForm(_PersonForm):
    """Somebody who was to be taken off an account keeps the access after all."""

    reason: ChangeReason


def subject_of_access(access: Access) -> Subject:
    """The access as what something is about."""
    return Subject(SubjectKind.ACCESS, access.id or 0)


async def name(
    context: ActContext, account: Account, people: Sequence[int], *, proposed_by_id: int | None = None
) -> None:
    """A waiting access for each of them; one that had ended begins again. Raises AlreadyDone.

    `proposed_by_id`: who named them, where who approves such accounts is still to decide.
    """
    control = approving(context.policy, account.level)
    known = {one.person_id: one for one in await accesses(context, account.id or 0)}
    steps: list[Step] = []
    for person_id in people:
        old = known.get(person_id)
        if old is None:
            await begin(
                context.session,
                SubjectKind.ACCESS,
                state=AccessState.WAITING,
                actor=context.actor,
                control=control,
                cause="named as administrator",
                now=context.now,
                account_id=account.id,
                person_id=person_id,
                role=AccessRole.ADMINISTRATOR,
                proposed_by_id=proposed_by_id,
            )
        elif old.state is AccessState.REVOKED:
            subject, cause = subject_of_access(old), "named as administrator"
            steps.append(begin_again(subject, old.version, control, cause, proposed_by_id=proposed_by_id))
        else:
            raise AlreadyDone(_already(account, old))
    await carry_out(context, account, steps)


def _already(account: Account, access: Access) -> str:
    if access.proposed_by_id is not None:
        return (
            f"They are named for account {account.id}, and it is to be decided: "
            f"`steward account decide-administrator {account.id} {access.person_id} approve`."
        )
    said = f"They administer account {account.id} already, their access is '{access.state}'"
    if access.ends_on is None:
        return f"{said}."
    return (
        f"{said} through {access.ends_on}: `steward account keep-administrator {account.id} "
        f"{access.person_id}` lets them stay."
    )


@act(
    NamingForm,
    who=APPROVER | asked(ItemKind.NAME_SUCCESSOR),
    does="names an administrator",
    control=(Administrators,),
)
async def add_administrator(context: ActContext, form: NamingForm) -> Receipt:
    """Name somebody to administer an account; they wait for their gates.

    Named by somebody who does not approve such accounts, they wait for the decision of who does.

    Raises AlreadyDone, NotNow, Unknown.
    """
    return await named(context, form, approves=await APPROVER.test(context, form) is not None)


async def named(context: ActContext, form: NamingForm, *, approves: bool) -> Receipt:
    """Name somebody; `approves`: whether it is decided by that. Raises AlreadyDone, NotNow, Unknown."""
    account = await open_account(context, form.account)
    person = await lookup.person(context.session, form.person)
    person_id = person.id or 0
    told = [one for one in await concerned(context, account) if one != person_id]
    await name(context, account, (person_id,), proposed_by_id=None if approves else context.person_id)
    change = await record(context, account, Changed.ADMINISTRATOR, person_id)
    notice = AccountChanged(
        what="named" if approves else "proposed",
        by_id=context.person_id,
        change_id=change,
        administrator_ids=(person_id,),
    )
    letters = tell(context, account, notice, told, f"change:{change}")
    answered = () if approves else (Settle((successor_key(subject_of(account)),)),)
    await carry_out(context, account, (*answered, *letters))
    if not approves:
        says = f"{person.name} is named for account {account.id}; who approves such accounts is asked first."
        return Receipt(subject_of(account), "proposed", says)
    return Receipt(
        subject_of(account),
        "named",
        f"{person.name} is named for account {account.id}; access begins when every step before it is done.",
    )


async def _theirs(context: ActContext, account: Account, form: ActForm) -> tuple[Person, Access]:
    """The person and their access. Raises BadInput where they have none."""
    person = await lookup.person(context.session, getattr(form, "person", ""), must_be_active=False)
    for one in await accesses(context, account.id or 0):
        if one.person_id == person.id and one.state is not AccessState.REVOKED:
            return person, one
    raise BadInput(
        f"They do not administer account {account.id}: `steward account show {account.id}` names who does."
    )


async def _refuse_last(context: ActContext, account: Account, access: Access) -> None:
    """Raises NotNow where nobody else could reach the account."""
    asked = (
        select(Access.id)
        .join(Person, col(Person.id) == col(Access.person_id))
        .where(
            col(Access.account_id) == account.id,
            col(Access.id) != access.id,
            col(Access.ends_on).is_(None),
            col(Person.active),
            col(Access.state) == AccessState.GRANTED
            if account.state in _BEGUN
            else col(Access.state) != AccessState.REVOKED,
        )
    )
    if (await context.session.exec(asked)).first() is None:
        raise NotNow(
            f"Nobody else has access to account {account.id}: name somebody first with "
            f"`steward account add-administrator {account.id}`, and take this person off once they have it."
        )


async def _settle_move(context: ActContext, account: Account, access: Access) -> bool:
    """What was asked of an administrator who moved is answered; whether it was asked."""
    key = moved_key(subject_of(account), access.person_id)
    asked = select(ActionItem.id).where(col(ActionItem.key) == key, col(ActionItem.state) == ItemState.OPEN)
    if (await context.session.exec(asked)).first() is None:
        return False
    await context.apply(Outcome((Settle((key,)),)))
    return True


async def announce_end(
    context: ActContext, account: Account, access: Access, why: AccessEnd, reason: str
) -> tuple[date, list[Step]]:
    """Set the last day of an access; the day, and the letters to the person and to everybody concerned."""
    ends_on = last_day(context.policy, context.today)
    await context.session.run(
        update(Access).where(col(Access.id) == access.id).values(ends_on=ends_on, ends_for=why)
    )
    change = await record(context, account, Changed.ADMINISTRATOR, access.person_id, reason)
    await _settle_move(context, account, access)
    about = subject_of_access(access)
    notice = AccessEnds(ends_on=ends_on, because=why, by_id=context.person_id, change_id=change)
    people = dict.fromkeys((access.person_id, *await concerned(context, account)))
    others = (context.person_id,) if access.person_id != context.person_id else ()
    return ends_on, [Tell(notice, one, f"{about}/change:{change}", about, others) for one in people]


@act(
    TakingOffForm,
    who=APPROVER | ITS_SCHOOL | THEMSELVES | climbed(ItemKind.SETTLE_MOVE),
    does="takes somebody off an account",
    control=(Administrators,),
)
async def remove_administrator(context: ActContext, form: TakingOffForm) -> Receipt:
    """Take somebody off an account after a last day that they are told; at once in an emergency.

    Who only waits for access, or takes themselves off, goes at once: nobody loses anything by surprise.

    Raises:
        NotNow: nobody else could reach the account, or it has ended.
        AlreadyDone: it is announced already.
        BadInput: they do not administer it.
        Unknown: no such account or person.
    """
    account = await open_account(context, form.account)
    person, access = await _theirs(context, account, form)
    at_once = form.at_once or access.state is AccessState.WAITING or person.id == context.person_id
    if access.ends_on is not None and not at_once:
        raise AlreadyDone(f"Their access ends after {access.ends_on} already.")
    await _refuse_last(context, account, access)
    if at_once:
        others = [one for one in await concerned(context, account) if one != access.person_id]
        change = await record(context, account, Changed.ADMINISTRATOR, access.person_id, form.reason)
        await _settle_move(context, account, access)
        control = approving(context.policy, account.level)
        about, why = subject_of_access(access), AccessEnd.TAKEN_OFF
        ended = end_now(
            about,
            access.state,
            access.version,
            access.person_id,
            why,
            control,
            tuple(others),
            by_id=context.person_id,
            change_id=change,
        )
        await carry_out(context, account, ended)
        return Receipt(
            subject_of(account), "taken off", f"{person.name} has no access to account {account.id} now."
        )
    ends_on, steps = await announce_end(context, account, access, AccessEnd.TAKEN_OFF, form.reason)
    await carry_out(context, account, steps)
    return Receipt(
        subject_of(account),
        "announced",
        f"{person.name} is told: the access to account {account.id} ends after {ends_on}.",
    )


@act(ReplacingForm, who=APPROVER, does="replaces an administrator", control=(Administrators,))
async def replace_administrator(context: ActContext, form: ReplacingForm) -> Receipt:
    """Name a successor, who passes the gates first; the other keeps access through the announced last day.

    Where nobody else can reach the account by then, the other keeps it until somebody can.

    Raises AlreadyDone, NotNow, BadInput, Unknown.
    """
    account = await open_account(context, form.account)
    person, access = await _theirs(context, account, form)
    successor = await lookup.person(context.session, form.successor)
    if successor.id == person.id:
        raise BadInput("Nobody takes their own place: name somebody else with --by.")
    await name(context, account, (successor.id or 0,))
    ends_on, steps = await announce_end(context, account, access, AccessEnd.REPLACED, form.reason)
    await carry_out(context, account, steps)
    return Receipt(
        subject_of(account),
        "replaced",
        f"{successor.name} is named for account {account.id}; the access of {person.name} ends after "
        f"{ends_on}, but not before somebody else has access.",
    )


@act(
    KeepingForm,
    who=APPROVER | ITS_SCHOOL | climbed(ItemKind.SETTLE_MOVE),
    does="keeps somebody on an account",
    control=(Administrators,),
)
async def keep_administrator(context: ActContext, form: KeepingForm) -> Receipt:
    """Take an announced end of an access back, or say that somebody who moved keeps it.

    An access that has ended is begun by naming the person anew. Raises NotNow where none of both is open,
    BadInput, Unknown.
    """
    account = await open_account(context, form.account)
    person, access = await _theirs(context, account, form)
    moved = await _settle_move(context, account, access)
    if access.ends_on is None and not moved:
        raise NotNow(
            f"The access of this person to account {account.id} is not to end: nothing to take back."
        )
    await context.session.run(
        update(Access).where(col(Access.id) == access.id).values(ends_on=None, ends_for=None)
    )
    change = await record(context, account, Changed.ADMINISTRATOR, access.person_id, form.reason)
    notice = AccountChanged(
        what="stays", by_id=context.person_id, change_id=change, administrator_ids=(access.person_id,)
    )
    told = tell(context, account, notice, await concerned(context, account), f"change:{change}")
    await carry_out(context, account, told)
    return Receipt(subject_of(account), "stays", f"{person.name} keeps the access to account {account.id}.")

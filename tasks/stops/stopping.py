"""Accounts are stopped in an emergency, one or several at once, and a second office confirms it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from pydantic import Field
from sqlalchemy import func, update
from sqlmodel import col, select

from policy.controls.sanction import Suspending
from policy.notices.accounts import AccountSuspended
from policy.reinstatement import decides_suspensions
from policy.stops import ask_second, confirmed, confirmed_by_then, stopping
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.errors import AlreadyDone, NotAllowed, NotNow
from schemas.findings import Suspension
from schemas.forms import ActForm, Day, OnCommand, Reason
from schemas.outcome import Outcome, Subject, Tell
from schemas.receipt import Receipt
from schemas.states import AccountState
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import holds, offices
from tasks.stops.hands import Stopped, acts_as, held_today, who_confirms, why_not
from tasks.store import lookup
from tasks.suspension.suspend import begin_suspension, people_of, refuse_past, subject_of

_LOOKED_BACK = timedelta(days=30)

#: Who stops accounts in an emergency, and who confirms it.
STOPPING_OFFICES = offices(stopping)


class _AccountsForm(ActForm):
    accounts: Annotated[tuple[int, ...], OnCommand(positional=True)] = Field(
        title="Account numbers", description="The numbers of the accounts.", min_length=1, max_length=200
    )


class StopForm(_AccountsForm):
    """Stop live accounts at once, in an emergency. A second office confirms it, or it ends by itself."""

    reason: Reason = Field(title="Reason", description="What happened; everybody concerned reads this.")
    through: Day | None = Field(
        default=None, title="Last day", description="Once confirmed, it ends by itself after this day."
    )


class ConfirmationForm(_AccountsForm):
    """Confirm, as the second office, that accounts were stopped. They stay so until they are brought back."""

    through: Day | None = Field(
        default=None, title="Last day", description="It ends by itself after this day; it may differ."
    )


@act(
    StopForm,
    who=STOPPING_OFFICES,
    does="stops accounts",
    control=(Suspending,),
    in_person=True,
    dangerous=lambda form: len(form.accounts) > 1,
)
async def stop_accounts(context: ActContext, form: StopForm) -> Receipt:
    """Suspend live accounts at once until a second office has confirmed it; all of them, or none.

    Everybody concerned is told at once, the other offices with them. Nobody's access is taken.

    Raises:
        AlreadyDone: one is suspended already.
        BadInput: the last day is past.
        NotAllowed: nobody else could confirm it, and who acts may suspend it alone.
        NotNow: one is not live, or the office stopped it as often as it may with nobody confirming it.
        Unknown: no such account or person.
    """
    policy, held = context.policy, await held_today(context)
    mine = acts_as(held, context.person_id)
    if not mine:
        raise NotAllowed("You hold no office that stops accounts.")
    own = mine[0]
    others = [one for one in held if one != own]
    hand = Stopped(own, context.right.stands_for(context.person_id))
    able = await who_confirms(context, held, hand)
    if not able and (len(mine) > 1 or not others) and await _suspends_alone(context):
        acts = " and the ".join(policy.label(one) for one in mine)
        raise NotAllowed(
            f"You act for the {acts} today, and nobody else who is here could confirm it as a second office. "
            "You suspend accounts alone with `steward account suspend`."
        )
    others.sort(key=lambda one: one not in able)
    until = confirmed_by_then(policy, context.now)
    stopped: list[tuple[Subject, int, int]] = []
    for number in sorted(set(form.accounts)):
        account = await lookup.by_id(context.session, Account, number)
        await _refuse_once_more(context, account, own, others)
        begun = await begin_suspension(
            context, account, form.reason, through=form.through, stop_office=own, confirm_by=until
        )
        stopped.append((subject_of(number), account.version + 1, begun))
    await context.apply(Outcome(ask_second(stopped, others, policy, context.now)))
    local = until.astimezone(policy.zone)
    return Receipt(
        stopped[0][0],
        "stopped",
        f"{_named([one.id for one, _, _ in stopped])} stopped; everybody concerned is told now. "
        + (
            f"The {policy.label(able[0])} confirms it by {local:%Y-%m-%d %H:%M}, or it ends by itself."
            if able
            else f"Nobody who is here today could confirm it as a second office: it ends by itself at "
            f"{local:%Y-%m-%d %H:%M}."
        )
        + " Hide or lock what must not be seen on the platform: Steward can't do that.",
    )


@act(ConfirmationForm, who=STOPPING_OFFICES, does="confirms a stop", control=(Suspending,), in_person=True)
async def confirm_stop(context: ActContext, form: ConfirmationForm) -> Receipt:
    """Confirm a stop as another office than the one that stopped; all of the accounts, or none.

    Whoever brings accounts back has each on a list from then on, and is reminded.

    Raises:
        AlreadyDone: one is confirmed already.
        BadInput: the last day is past.
        NotAllowed: it is no other office; or who acts holds the office that stopped it, or stands in for the
            person who did.
        NotNow: one is not stopped, or the time to confirm is over.
        Unknown: no such account or person.
    """
    refuse_past(form.through, context.today)
    numbers = sorted(set(form.accounts))
    for number in numbers:
        account = await lookup.by_id(context.session, Account, number)
        row = await _unconfirmed(context, number)
        await _refuse_the_same(context, row)
        through = form.through or row.through
        changes = {
            "confirmed_by_id": context.person_id,
            "confirmed_at": context.now,
            "through": through,
        }
        await context.session.run(
            update(table_of(Suspension)).where(col(Suspension.id) == row.id).values(**changes)
        )
        subject = subject_of(number)
        await context.note(subject, control=row.control, cause="stop confirmed", body={"suspension": row.id})
        told = AccountSuspended(control=row.control, suspension_id=row.id, confirmed=True)
        stopped_it = [one for one in (row.decided_by_id, row.deputy_for_id) if one is not None]
        people = (*await people_of(context.session, account, context.policy), *stopped_it)
        cause = f"{subject}/v{account.version}/stop confirmed"
        await context.apply(
            Outcome(
                (
                    *confirmed(subject, account.version, through, context.policy, context.today),
                    *(Tell(told, one, cause, subject) for one in people),
                )
            )
        )
    return Receipt(
        subject_of(numbers[0]),
        "confirmed",
        f"{_named(numbers)} stopped, as is confirmed now; everybody concerned is told. "
        "`steward account stops` lists what is to be brought back.",
    )


def _named(numbers: Sequence[int]) -> str:
    return f"Account{'' if len(numbers) == 1 else 's'} {', '.join(map(str, numbers))} " + (
        "is" if len(numbers) == 1 else "are"
    )


async def _unconfirmed(context: ActContext, number: int) -> Suspension:
    """The stop of an account that waits for its confirmation. Raises AlreadyDone and NotNow."""
    found = await context.session.exec(
        select(Suspension).where(col(Suspension.account_id) == number, col(Suspension.ended_at).is_(None))
    )
    row = found.first()
    if row is None or row.stop_office is None or row.confirm_by is None:
        raise NotNow(f"Account {number} was not stopped in an emergency: there is nothing to confirm.")
    if row.confirmed_at is not None:
        raise AlreadyDone(f"That account {number} was stopped is confirmed already.")
    if context.now >= row.confirm_by:
        raise NotNow(
            f"The time to confirm that account {number} was stopped is over, and it comes back by itself. "
            "Stop it again if need be."
        )
    return row


async def _refuse_once_more(context: ActContext, account: Account, own: str, others: Sequence[str]) -> None:
    """Raises NotNow where this office stopped a live account so often that it is another office's turn."""
    at_most = context.policy.the(Suspending).unconfirmed_stops_in_30_days_at_most
    found = await context.session.exec(
        select(func.count()).where(
            col(Suspension.account_id) == account.id,
            col(Suspension.stop_office) == own,
            col(Suspension.confirmed_at).is_(None),
            col(Suspension.suspended_at) > context.now - _LOOKED_BACK,
        )
    )
    if (count := found.one()) >= at_most and account.state is AccountState.LIVE:
        raise NotNow(
            f"Your office has stopped account {account.id} {count} times in {_LOOKED_BACK.days} days, and no "
            f"other office confirmed it. Ask the {context.policy.label(others[0])} to stop it this time."
        )


async def _suspends_alone(context: ActContext) -> bool:
    return await holds(context, decides_suspensions(context.policy)) is not None


async def _refuse_the_same(context: ActContext, row: Suspension) -> None:
    """Raises NotAllowed unless who acts is a second hand, of a second office; it says who would be."""
    people = frozenset(one for one in (row.decided_by_id, row.deputy_for_id) if one is not None)
    stopped, held = Stopped(row.stop_office or "", people), await held_today(context)
    why = await why_not(context, held, stopped, context.person_id)
    if why is None:
        return
    able = [context.policy.label(one) for one in await who_confirms(context, held, stopped)]
    who = (
        f"It is confirmed by the {' or the '.join(able)}."
        if able
        else "Nobody who is here today can confirm it: it ends by itself."
    )
    raise NotAllowed(f"{why} {who}")

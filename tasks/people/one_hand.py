"""A stop that one person made and confirmed, as a merge shows: a second office is asked anew."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import update
from sqlmodel import col, select

from policy.stops import ask_second, confirmed_by_then, stopping
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.findings import Suspension
from schemas.outcome import Settle, Step, Subject, Tell
from schemas.words import ItemKind, SubjectKind
from tasks.acts.context import ActContext


async def stops_by_one_hand(context: ActContext, other_id: int, kept_id: int) -> Sequence[Suspension]:
    """The stops that stand and that the two records made, or stood in for, and confirmed."""
    its = await context.session.exec(
        select(Suspension)
        .where(col(Suspension.ended_at).is_(None), col(Suspension.confirmed_by_id).in_((other_id, kept_id)))
        .order_by(col(Suspension.account_id))
    )
    both = {other_id, kept_id}
    return [
        one
        for one in its.all()
        if one.stop_office is not None and both & {one.decided_by_id, one.deputy_for_id}
    ]


async def ask_anew(context: ActContext, stops: Sequence[Suspension], cause: str) -> tuple[Step, ...]:
    """Take the confirmations back, and ask a second office from this moment on."""
    policy, steps = context.policy, list[Step]()
    for stop in stops:
        account = await context.session.get_one(Account, stop.account_id)
        about = Subject(SubjectKind.ACCOUNT, stop.account_id)
        until = confirmed_by_then(policy, context.now)
        await (await context.session.connection()).execute(
            update(table_of(Suspension))
            .where(col(Suspension.id) == stop.id)
            .values(confirmed_by_id=None, confirmed_at=None, confirm_by=until)
        )
        await context.note(
            about, control=stop.control, cause="stop to be confirmed anew", body={"suspension": stop.id}
        )
        others = [one for one in stopping(policy) if one != stop.stop_office]
        if not others:
            continue
        stopped = [(about, account.version, stop.id or 0)]
        steps.append(Settle(about=about, kinds=(ItemKind.DECIDE_REINSTATEMENT,), done=False))
        steps += [
            replace(one, cause=f"{one.cause}/{cause}") if isinstance(one, Tell) else one
            for one in ask_second(stopped, others, policy, context.calendar, context.now)
        ]
    return tuple(steps)


def says_one_hand(stops: Sequence[Suspension]) -> tuple[str, ...]:
    """The sentences of a preview and a receipt; none where there is no such stop."""
    if not stops:
        return ()
    accounts = ", ".join(str(one.account_id) for one in stops)
    return (
        f"One person stopped and confirmed: account {accounts}.",
        "That confirmation is void, and a second office is asked to confirm.",
    )

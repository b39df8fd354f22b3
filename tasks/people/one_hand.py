"""What one person did with two hands, as a merge shows: a stop is confirmed anew, the rest is named."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, update
from sqlalchemy import select as statement
from sqlmodel import col, select

from policy.stops import ask_second, confirmed_by_then, stopping
from schemas.accounts import Account, AccountRequest, Decision
from schemas.columns import table_of
from schemas.findings import Suspension
from schemas.incidents import Incident
from schemas.leave import Leave
from schemas.outcome import Settle, Step, Subject, Tell
from schemas.states import LeaveState, RequestState
from schemas.words import ItemKind, SubjectKind
from tasks.acts.context import ActContext


@dataclass(frozen=True)
class Alone:
    """What the two records asked for and decided: requests that were approved, leave, reports, by number."""

    requests: tuple[int, ...]
    leaves: tuple[int, ...]
    reports: tuple[int, ...]

    def says(self) -> tuple[str, ...]:
        """The sentences of a preview and a receipt; none where there is nothing."""
        said = []
        if self.requests:
            said.append(f"One person asked for and approved: request {_listed(self.requests)}.")
        if self.leaves:
            said.append(f"One person asked for and granted: leave {_listed(self.leaves)}.")
        if self.reports:
            said.append(f"One person had two parts in the decision on: report {_listed(self.reports)}.")
        if said:
            said.append("That stands: look at it, and take it back where it should not.")
        return tuple(said)


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


async def decided_alone(context: ActContext, other_id: int, kept_id: int) -> Alone:
    """What one of the two records asked for and the other decided, before anything is moved.

    Of a report: whoever reported it or is heard on it, who decided, and who decided on the appeal.
    """

    def across(one: Any, *decided: Any) -> ColumnElement[bool]:
        pairs = ((other_id, kept_id), (kept_id, other_id))
        return or_(*(and_(one == a, each == b) for each in decided for a, b in pairs))

    async def numbers(key: Any, *where: ColumnElement[bool], join: Any = None) -> tuple[int, ...]:
        asked = statement(key).where(*where).order_by(key)
        if join is not None:
            asked = asked.join(*join)
        rows = await context.session.run(asked)
        return tuple(dict.fromkeys(rows.scalars()))

    request, made, report = col(AccountRequest.id), Decision, Incident
    hands = col(report.decided_by_id), col(report.deputy_for_id)
    appeal = col(report.appeal_decided_by_id)
    return Alone(
        await numbers(
            request,
            col(AccountRequest.state) == RequestState.APPROVED,
            across(col(AccountRequest.requester_id), col(made.decided_by_id), col(made.deputy_for_id)),
            join=(
                made,
                and_(col(made.request_id) == request, col(made.revision) == col(AccountRequest.revision)),
            ),
        ),
        await numbers(
            col(Leave.id),
            col(Leave.state) == LeaveState.GRANTED,
            across(col(Leave.person_id), col(Leave.decided_by_id), col(Leave.deputy_for_id)),
        ),
        await numbers(
            col(report.id),
            or_(
                across(col(report.reported_by_id), *hands, appeal),
                across(col(report.person_id), *hands, appeal),
                across(appeal, *hands),
            ),
        ),
    )


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
        await context.session.run(
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
            for one in ask_second(stopped, others, policy, context.now)
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

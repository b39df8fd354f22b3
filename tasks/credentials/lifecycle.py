"""Credential rotation: shared passwords that are due, and where none is, lists of administrators."""

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from functools import partial

from policy import credential_rotation, list_review
from policy.credential_rotation import decide_rotation
from policy.list_review import decide_review
from policy.model import Policy
from schemas.events import EventKind
from schemas.outcome import Outcome
from tasks.cases import Case, Only, in_parts
from tasks.credentials.review_facts import review_facts, reviewing
from tasks.credentials.rotation_facts import rotating, rotation_facts
from tasks.lifecycles import Lifecycle, Stage, Turn
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tasks.store.session import Session


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The accounts whose administrators are to be asked now, or no longer."""
    policy = runtime.policy
    calendar = policy.calendar
    today = calendar.today(now)
    accounts = set[int]()
    async with runtime.store.read() as session:
        passwords = await rotating(session, policy, today)
        lists = await reviewing(session, policy, today)
        known: dict[Hashable, bool] = {}
        for some in in_parts(passwords):
            for change in await rotation_facts(session, some):
                decide = partial(decide_rotation, change, policy, now)
                if _decided(known, credential_rotation.alike(change, calendar), decide):
                    accounts.add(change.account_id)
        known.clear()
        for some in in_parts(lists):
            for review in await review_facts(session, some):
                decide = partial(decide_review, review, policy, now)
                if _decided(known, list_review.alike(review, calendar), decide):
                    accounts.add(review.account_id)
    labels = passwords | lists
    meant = accounts if only is None else accounts & {only.account}
    return tuple(Case(labels[account], (account,)) for account in sorted(meant))


def _decided(known: dict[Hashable, bool], alike: Hashable | None, decide: Callable[[], Outcome]) -> bool:
    """Whether anything happens; decided once for all that are alike."""
    if alike is None:
        return bool(decide())
    if alike not in known:
        known[alike] = bool(decide())
    return known[alike]


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Ask as the facts of this moment say; what happened, a line an account."""
    policy = runtime.policy
    calendar, said = policy.calendar, []
    async with runtime.store.write() as session:
        for _, outcome in await _outcomes(session, policy, case.ids, case.ids, now):
            await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
            said.append(outcome.says)
    return tuple(said)


async def _outcomes(
    session: Session, policy: Policy, passwords: Sequence[int], lists: Sequence[int], now: datetime
) -> list[tuple[int, Outcome]]:
    """What happens next, by account, where anything does."""
    rotations = [
        (one.account_id, decide_rotation(one, policy, now))
        for one in await rotation_facts(session, passwords)
    ]
    reviews = [
        (one.account_id, decide_review(one, policy, now)) for one in await review_facts(session, lists)
    ]
    return [(account, outcome) for account, outcome in rotations + reviews if outcome]


LIFECYCLE = Lifecycle(
    "credential-rotation",
    woken_by=(EventKind.ACCESS_CHANGED,),  # whoever lost access may know the password
    stages=(Stage("credentials", due, move),),
    turn=Turn.RENEWALS,
)

"""Saying that a clock ran ahead, so that what is recorded now may stand behind what was recorded then."""

from datetime import UTC

from pydantic import Field

from policy.notices.operators import ClockSetRight
from schemas.errors import NotNow
from schemas.events import EventKind
from schemas.forms import ActForm, Reason
from schemas.outcome import Emit, Outcome, RoleAt, Subject, Tell
from schemas.receipt import Receipt
from schemas.words import SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import GIVING_OFFICES
from tasks.store import audit


class ClockForm(ActForm):
    """Say that a clock ran ahead and is right again: until then nothing can be recorded.

    What was recorded meanwhile keeps its days. `steward audit verify` names the entry for good.
    """

    reason: Reason = Field(title="Reason", description="What was wrong with the clock; the offices read it.")


@act(ClockForm, who=GIVING_OFFICES, does="says that a clock ran ahead", control=(), in_person=True)
async def set_clock_right(context: ActContext, form: ClockForm) -> Receipt:
    """From this entry on, the chain's time goes on from now. Raises NotNow where no entry lies ahead."""
    ahead = await audit.ahead_of(context.session, context.now)
    if ahead is None:
        raise NotNow("No entry lies ahead of this machine's clock: there is nothing to set right.")
    subject, duties = Subject(SubjectKind.RULE, 0), context.policy.duties
    await audit.append(
        context.session,
        subject,
        actor=context.actor,
        control="",
        cause=audit.CLOCK_SET_RIGHT,
        now=context.now,
        body={"first": ahead.first, "last": ahead.last, "latest": ahead.latest.astimezone(UTC).isoformat()},
    )
    facts = ClockSetRight(
        by_id=context.person_id,
        entries=ahead.last - ahead.first + 1,
        latest=context.calendar.today(ahead.latest),
        reason=form.reason,
    )
    cause = f"clock/{context.now:%Y%m%dT%H%M%S.%f}"
    readers = dict.fromkeys((*duties.gives_offices, duties.keeps_policy, duties.runs_steward))
    told = (Tell(facts, RoleAt(one), cause, subject) for one in readers)
    await context.apply(Outcome((*told, Emit(EventKind.NOTICES_WAITING, subject))))
    return Receipt(
        subject,
        "set right",
        f"Entries {ahead.first} to {ahead.last} were written with the clock ahead; what is recorded from now "
        "on stands behind them. Look at what they say: `steward audit list --from` with their day.",
    )

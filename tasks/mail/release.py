"""Letting parked notices leave after all, once a person has mended what kept them."""

from typing import Annotated, Self

import structlog
from pydantic import Field, model_validator
from sqlalchemy import select
from sqlmodel import col

from policy.controls.quiet_hours import QuietHours
from schemas.errors import NotNow, Unknown
from schemas.events import EventKind
from schemas.forms import ActForm, OnCommand
from schemas.machinery import Notice
from schemas.notices import NoticeState
from schemas.outcome import Emit, Outcome, Subject
from schemas.receipt import Receipt
from schemas.words import SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import FILES_OFFICES
from tasks.mail import outbox

log = structlog.get_logger(__name__)


class ReleaseForm(ActForm):
    """Let parked notices leave after all, once you have mended what kept them."""

    notices: Annotated[tuple[int, ...], OnCommand(positional=True)] = Field(
        default=(), title="Notice numbers", description="Numbers of `steward mail list`."
    )
    everything: Annotated[bool, OnCommand("--all")] = Field(
        default=False, title="All of them", description="Every parked notice."
    )

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if bool(self.notices) == self.everything:
            raise ValueError("say which notices to release, by number, or all of them")
        return self


@act(ReleaseForm, who=FILES_OFFICES, does="releases notices", control=(QuietHours,))
async def release_parked(context: ActContext, form: ReleaseForm) -> Receipt:
    """Make parked notices pending again and wake the delivery.

    All of them or none. They leave as any notice does, within working hours where they are not urgent.
    Raises Unknown for a notice that is not there, NotNow for one that is not parked.
    """
    session, now = context.session, context.now
    asked = select(col(Notice.id), col(Notice.state), col(Notice.subject_kind), col(Notice.subject_id))
    wanted = col(Notice.state) == NoticeState.PARKED if form.everything else col(Notice.id).in_(form.notices)
    found = await session.rows(asked.where(wanted).order_by(col(Notice.id)))
    if missing := sorted(set(form.notices) - {row.id for row in found}):
        raise Unknown(f"There is no notice {missing[0]}: `steward mail list` shows those in the outbox.")
    if other := [row for row in found if row.state is not NoticeState.PARKED]:
        raise NotNow(
            f"Notice {other[0].id} is '{other[0].state}': only parked ones are released, and none was."
        )
    if not found:
        nothing = Subject(SubjectKind.PERSON, context.person_id)
        return Receipt(nothing, "released", "No notice is parked: nothing to release.")
    numbers = tuple(row.id for row in found)
    await outbox.release(session, numbers, now=now)
    subject = Subject(SubjectKind(found[0].subject_kind), found[0].subject_id)
    event = Outcome((Emit(EventKind.NOTICES_WAITING, subject),))
    await context.apply(event)
    await context.note(
        subject,
        control=context.policy.name_of(QuietHours),
        cause="notices released",
        body={"notices": list(numbers)},
    )
    many = f"{len(numbers)} notices" if len(numbers) != 1 else f"Notice {numbers[0]}"
    says = f"{many} released: the next delivery takes what may leave at that hour."
    return Receipt(subject, "released", says)

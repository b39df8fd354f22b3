"""Saying that you have read the advice that you were sent."""

from sqlalchemy import select, update

from policy.controls.advice import Advice
from schemas.columns import table_of
from schemas.errors import NotNow
from schemas.forms import ActForm
from schemas.gates import AdviceReceipt
from schemas.outcome import Outcome, Settle, Subject
from schemas.receipt import Receipt
from schemas.words import ItemKind, SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import ANYBODY


class AdviceForm(ActForm):
    """You have read the advice that you were sent, in the version of the letter."""


@act(AdviceForm, who=ANYBODY, does="says that they read their advice", control=(Advice,))
async def acknowledge_advice(context: ActContext, form: AdviceForm) -> Receipt:  # noqa: ARG001 - every act has a form
    """Record that a person read all advice that waits for their answer.

    Raises NotNow where none waits.
    """
    person = context.person_id
    receipt = table_of(AdviceReceipt)
    waiting = (receipt.c.person_id == person, receipt.c.asked, receipt.c.acknowledged_at.is_(None))
    found = await context.session.run(
        select(receipt.c.text, receipt.c.text_version).where(*waiting).order_by(receipt.c.id)
    )
    read = list(dict.fromkeys((row.text, row.text_version) for row in found))
    if not read:
        raise NotNow("No advice waits for your answer.")
    await context.session.run(
        update(receipt).where(*waiting).values(acknowledged_at=context.now, recorded_via=context.actor.via)
    )
    about = Subject(SubjectKind.PERSON, person)
    control = next((one.name for one in context.policy.of(Advice) if read[0][0] in one.texts), "")
    body = {"texts": [f"{text}, version {version}" for text, version in read]}
    await context.note(about, control=control, cause="advice acknowledged", body=body)
    await context.apply(Outcome((Settle(about=about, kinds=(ItemKind.READ_ADVICE,)),)))
    named = " and ".join(f"“{text}”, version {version}" for text, version in read)
    return Receipt(about, "acknowledged", f"It is recorded that you read {named}.")

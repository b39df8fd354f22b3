"""Meeting a gate: acknowledging guidelines, accepting responsibility."""

from typing import Annotated

from pydantic import Field
from sqlalchemy import insert, select, update
from sqlmodel import col

from policy.controls.text_acknowledged import TextAcknowledged
from policy.gates import text_control, texts
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotNow
from schemas.events import EventKind
from schemas.forms import ActForm, OnCommand, TextId
from schemas.gates import Acceptance, GuidelineReceipt
from schemas.outcome import Emit, Outcome, Settle, Subject
from schemas.receipt import Receipt
from schemas.states import has_ended
from schemas.words import ItemKind, SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext, Right
from tasks.acts.who import ANYBODY, Who
from tasks.store import lookup
from tasks.store.upsert import insert_once


class AcknowledgementForm(ActForm):
    """You have read a guideline, in its present version."""

    guideline: Annotated[TextId, OnCommand(positional=True)] = Field(title="Guideline")


@act(AcknowledgementForm, who=ANYBODY, does="acknowledges guidelines", control=(TextAcknowledged,))
async def acknowledge_guidelines(context: ActContext, form: AcknowledgementForm) -> Receipt:
    """Record that somebody acknowledged a guideline in its present version.

    Raises AlreadyDone when they did, BadInput for a text that nobody is asked to acknowledge.
    """
    session, policy, now = context.session, context.policy, context.now
    version = policy.text(form.guideline).version
    asked = [text for one in policy.of(TextAcknowledged) if one.each == "person" for text in one.texts]
    if form.guideline not in asked:
        raise BadInput(f"The policy asks nobody to acknowledge {form.guideline!r}: {', '.join(asked)}.")
    subject = Subject(SubjectKind.PERSON, context.person_id)
    receipt = table_of(GuidelineReceipt)
    mine = (
        (receipt.c.person_id == context.person_id)
        & (receipt.c.guideline == form.guideline)
        & (receipt.c.guideline_version == version)
    )
    row = (await session.run(select(receipt.c.acknowledged_at).where(mine))).first()
    if row is not None and row.acknowledged_at is not None:
        raise AlreadyDone(f"You acknowledged {form.guideline}, version {version}, already.")
    if row is None:
        await session.run(
            insert(receipt).values(
                person_id=context.person_id, guideline=form.guideline, guideline_version=version, sent_at=now
            )
        )
    await session.run(update(receipt).where(mine).values(acknowledged_at=now, recorded_via=context.actor.via))
    await context.note(
        subject,
        control=text_control(policy, form.guideline),
        cause="guidelines acknowledged",
        body={"guideline": form.guideline, "version": version},
    )
    outcome = Outcome((Settle((f"{subject}/{form.guideline}/{version}",)), Emit(EventKind.GATE_MET, subject)))
    await context.apply(outcome)
    said = f"It is recorded that you acknowledged {form.guideline}, version {version}."
    return Receipt(subject, "acknowledged", said)


class AcceptanceForm(ActForm):
    """You accept personal responsibility for what an account publishes."""

    account: Annotated[int, OnCommand(positional=True)] = Field(title="Account number", ge=1)


async def _access(context: ActContext, account_id: int) -> int | None:
    """The number of the access of who acts; None where it has ended or never was."""
    await lookup.by_id(context.session, Account, account_id)
    found = await context.session.run(
        select(col(Access.id), col(Access.state)).where(
            col(Access.account_id) == account_id, col(Access.person_id) == context.person_id
        )
    )
    access = found.first()
    return None if access is None or has_ended(access.state) else int(access.id)


async def _administers(context: ActContext, form: AcceptanceForm) -> Right | None:
    """Who has access, or waits for it."""
    return None if await _access(context, form.account) is None else Right()


@act(
    AcceptanceForm,
    who=Who("an administrator of the account", _administers),
    does="accepts responsibility for it",
    control=(TextAcknowledged,),
)
async def accept_responsibility(context: ActContext, form: AcceptanceForm) -> Receipt:
    """Record that an administrator accepted personal responsibility for what an account publishes.

    Raises AlreadyDone, NotNow where the policy has no such text.
    """
    session, policy, now = context.session, context.policy, context.now
    access_id = await _access(context, form.account)
    account = await lookup.by_id(session, Account, form.account)
    asked = texts(policy, account, "account")
    if not asked:
        raise NotNow(f"The policy asks nobody to accept responsibility for account {form.account}.")
    table, mine = table_of(Acceptance), {"person_id": context.person_id, "account_id": form.account}
    rows = await session.run(
        select(table.c.text, table.c.text_version).where(
            *(table.c[name] == value for name, value in mine.items()), table.c.accepted_at.is_not(None)
        )
    )
    known = {(row.text, row.text_version) for row in rows}
    new = [text for text in asked if (text.id, text.version) not in known]
    if not new:
        raise AlreadyDone(f"Responsibility for account {form.account} is accepted already.")
    subject = Subject(SubjectKind.ACCESS, access_id or 0)
    for text in new:
        row = {**mine, "text": text.id, "text_version": text.version}
        await insert_once(session, table, row, unique=list(row))
        await session.run(
            update(table)
            .where(*(table.c[name] == value for name, value in row.items()))
            .values(accepted_at=now, recorded_via=context.actor.via)
        )
    await context.note(
        subject,
        control=text_control(policy, new[0].id),
        cause="responsibility accepted",
        body={"account": form.account, "text": ", ".join(text.version for text in new)},
    )
    outcome = Outcome(
        (
            Settle(about=subject, kinds=(ItemKind.ACCEPT_RESPONSIBILITY,)),
            Emit(EventKind.GATE_MET, subject),
        )
    )
    await context.apply(outcome)
    return Receipt(subject, "accepted", f"Responsibility for account {form.account} is accepted.")

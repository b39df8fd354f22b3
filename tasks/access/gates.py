"""Meeting a gate: acknowledging guidelines (5.3), accepting responsibility (5.6)."""

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlmodel import col

from policy.calendar import Calendar
from policy.gates import text_control
from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.errors import AlreadyDone, NotAllowed
from schemas.events import EventKind
from schemas.forms import AcceptanceForm, AcknowledgementForm
from schemas.gates import Acceptance, GuidelineReceipt
from schemas.outcome import Emit, Outcome, Settle, Subject
from schemas.receipt import Receipt
from schemas.states import is_final
from schemas.words import ItemKind, SubjectKind, Via
from tasks.store import Store, audit, lookup
from tasks.store.apply import apply
from tasks.store.audit import Actor


async def acknowledge_guidelines(
    store: Store, policy: Policy, form: AcknowledgementForm, *, via: Via, now: datetime
) -> Receipt:
    """Record that somebody acknowledged a guideline in its present version (5.3).

    Raises AlreadyDone when they did, Unknown for a person we do not have.
    """
    version = next(text.version for text in policy.guidelines if text.guideline is form.guideline)
    async with store.write() as session:
        person_id = await lookup.person_id(session, form.person)
        subject, actor = Subject(SubjectKind.PERSON, person_id), Actor(person_id, via)
        connection = await session.connection()
        receipt = table_of(GuidelineReceipt)
        mine = (
            (receipt.c.person_id == person_id)
            & (receipt.c.guideline == form.guideline)
            & (receipt.c.guideline_version == version)
        )
        row = (await connection.execute(select(receipt.c.acknowledged_at).where(mine))).first()
        if row is not None and row.acknowledged_at is not None:
            raise AlreadyDone(f"The {form.guideline}, version {version}, are acknowledged already.")
        if row is None:
            await connection.execute(
                insert(receipt).values(
                    person_id=person_id, guideline=form.guideline, guideline_version=version, sent_at=now
                )
            )
        await connection.execute(update(receipt).where(mine).values(acknowledged_at=now, recorded_via=via))
        await audit.append(
            session,
            subject,
            actor=actor,
            control=text_control(policy, "person"),
            cause="guidelines acknowledged",
            now=now,
            body={"guideline": form.guideline.value, "version": version},
        )
        outcome = Outcome(
            (Settle((f"{subject}/{form.guideline}/{version}",)), Emit(EventKind.GATE_MET, subject))
        )
        await apply(session, outcome, actor=actor, calendar=Calendar(policy), now=now)
    return Receipt(subject, "acknowledged", f"The {form.guideline}, version {version}, are acknowledged.")


async def accept_responsibility(
    store: Store, policy: Policy, form: AcceptanceForm, *, via: Via, now: datetime
) -> Receipt:
    """Record that an administrator accepted personal responsibility for what an account publishes (5.6).

    Raises AlreadyDone, NotAllowed for somebody who is no administrator of it, Unknown.
    """
    async with store.write() as session:
        person_id = await lookup.person_id(session, form.person)
        await lookup.by_id(session, Account, form.account)
        connection = await session.connection()
        access = (
            await connection.execute(
                select(col(Access.id), col(Access.state)).where(
                    col(Access.account_id) == form.account, col(Access.person_id) == person_id
                )
            )
        ).first()
        if access is None or is_final(access.state):
            raise NotAllowed(
                f"Only an administrator of account {form.account} accepts responsibility for it (5.6)."
            )
        known = await connection.execute(
            select(col(Acceptance.id)).where(
                col(Acceptance.account_id) == form.account, col(Acceptance.person_id) == person_id
            )
        )
        if known.first() is not None:
            raise AlreadyDone(f"Responsibility for account {form.account} is accepted already.")
        subject, actor = Subject(SubjectKind.ACCESS, access.id), Actor(person_id, via)
        await connection.execute(
            insert(table_of(Acceptance)).values(
                person_id=person_id, account_id=form.account, accepted_at=now, recorded_via=via
            )
        )
        await audit.append(
            session,
            subject,
            actor=actor,
            control=text_control(policy, "account"),
            cause="responsibility accepted",
            now=now,
            body={"account": form.account, "text": policy.acceptance.version},
        )
        outcome = Outcome(
            (
                Settle(about=subject, kinds=(ItemKind.ACCEPT_RESPONSIBILITY,)),
                Emit(EventKind.GATE_MET, subject),
            )
        )
        await apply(session, outcome, actor=actor, calendar=Calendar(policy), now=now)
    return Receipt(subject, "accepted", f"Responsibility for account {form.account} is accepted.")

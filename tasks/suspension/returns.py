"""Asking for the return of a suspended account, and taking hold of an account."""

from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import Field, model_validator
from sqlalchemy import update
from sqlmodel import col

from policy.controls.custody import Custody
from policy.controls.sanction import Suspending
from policy.custody import custody_lacks
from policy.reinstatement import ask_for_return, decides_suspensions, hold_key, nobody_key
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.errors import BadInput, NotNow
from schemas.events import EventKind
from schemas.findings import Suspension
from schemas.forms import ActForm, OnCommand, Reason, VaultReference
from schemas.outcome import Emit, Outcome, Settle, Subject
from schemas.receipt import Receipt
from schemas.states import AccountState
from schemas.words import CustodyMode, ItemKind, SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import ADMINISTRATOR, CUSTODIAN, POLICY_OFFICE, climbed
from tasks.store import lookup


@dataclass(frozen=True)
class _Custody:
    custody: CustodyMode
    vault_reference: str | None
    custodian_is_administrator: bool


class ReturnForm(ActForm):
    """Ask for a suspended account to be brought back."""

    account: Annotated[int, OnCommand(positional=True)] = Field(title="Account number", ge=1)
    reason: Reason = Field(
        title="Reason", description="What was wrong and what was done; who decides reads this."
    )


class HoldForm(ActForm):
    """Whoever keeps an account can reach it from now on, besides its administrators."""

    account: Annotated[int, OnCommand(positional=True)] = Field(title="Account number", ge=1)
    vault_reference: Annotated[VaultReference, OnCommand("--vault")] = Field(
        default="",
        title="Vault reference",
        description="The entry in the vault, as vault/Lakeside or op://…; never the password itself.",
    )
    custodian_is_administrator: bool = Field(
        default=False,
        title="Is an administrator",
        description="Whoever keeps the account is an administrator of it.",
    )
    signed_in: Annotated[bool, OnCommand("--signed-in")] = Field(
        default=False,
        title="I signed in",
        description="You tried today whether it can be reached: you signed in, or opened the vault's entry.",
    )

    @model_validator(mode="after")
    def _says_how(self) -> Self:
        if not (self.vault_reference or self.custodian_is_administrator or self.signed_in):
            raise ValueError(
                "say how it can be reached: a vault reference, as an administrator, or signed in"
            )
        return self


@act(
    ReturnForm,
    who=ADMINISTRATOR | CUSTODIAN | POLICY_OFFICE,
    does="asks for its return",
    control=(Suspending,),
)
async def ask_back(context: ActContext, form: ReturnForm) -> Receipt:
    """Ask the deciding office to bring a suspended account back; one open asking a suspension.

    Asked again, the newer reason stands, and the office is told once a day at most.

    Raises:
        NotNow: it is not suspended.
        Unknown: no such account or person.
    """
    session, policy, now = context.session, context.policy, context.now
    account = await lookup.by_id(session, Account, form.account)
    if account.state is not AccountState.SUSPENDED:
        raise NotNow(f"Account {form.account} is '{account.state}', not suspended.")
    subject = Subject(SubjectKind.ACCOUNT, form.account)
    table = table_of(Suspension)
    noted = await session.run(
        update(table)
        .where(table.c.account_id == form.account, table.c.ended_at.is_(None))
        .values(asked_by_id=context.person_id, asked_at=now, asked_because=form.reason)
        .returning(table.c.id)
    )
    await context.note(
        subject, control=context.policy.name_of(Suspending), cause="asked for its return", body={}
    )
    asked = ask_for_return(
        subject,
        account.version,
        "asked",
        policy,
        context.today,
        context.person_id,
        noted.scalar_one_or_none(),
    )
    outcome = Outcome((*asked, Emit(EventKind.NOTICES_WAITING, subject)), "asked")
    await context.apply(outcome)
    office = policy.label(decides_suspensions(policy).role)
    return Receipt(subject, "asked", f"The {office} is asked to bring account {form.account} back.")


@act(
    HoldForm,
    who=CUSTODIAN | POLICY_OFFICE | climbed(ItemKind.TAKE_HOLD),
    does="says how to reach it",
    control=(Custody,),
)
async def take_hold(context: ActContext, form: HoldForm) -> Receipt:
    """Record how whoever keeps an account can reach it, and that they tried it where they say so.

    Raises:
        BadInput: that is not enough evidence for the account's custody.
        NotNow: it has ended.
        Unknown: no such account or person.
    """
    session, policy = context.session, context.policy
    account = await lookup.by_id(session, Account, form.account)
    if account.state in {AccountState.CLOSED, AccountState.WITHDRAWN}:
        raise NotNow(f"Account {form.account} is '{account.state}': it has ended.")
    held = _Custody(
        account.custody,
        form.vault_reference or account.vault_reference,
        form.custodian_is_administrator or account.custodian_is_administrator,
    )
    if lacks := custody_lacks(held, policy):
        raise BadInput(f"Account {form.account}: {lacks}")
    await session.run(
        update(table_of(Account))
        .where(col(Account.id) == form.account)
        .values(
            vault_reference=held.vault_reference,
            custodian_is_administrator=held.custodian_is_administrator,
            **({"custody_verified_at": context.now} if form.signed_in else {}),
        )
    )
    subject = Subject(SubjectKind.ACCOUNT, form.account)
    await context.note(
        subject,
        control=context.policy.name_of(Custody, level=account.level),
        cause="can be reached",
        body={
            "vault reference": held.vault_reference is not None,
            "custodian": held.custodian_is_administrator,
            "signed in": form.signed_in,
        },
    )
    # who was kept only because nobody else could reach it is looked at again
    outcome = Outcome(
        (Settle((hold_key(subject), nobody_key(subject))), Emit(EventKind.GATE_MET, subject)), "held"
    )
    await context.apply(outcome)
    return Receipt(subject, "held", f"Account {form.account} can be reached without its administrators.")

"""An account's privacy settings, attested anew: each year, and when its platform's checklist changes (7)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from policy.calendar import Calendar
from policy.controls.attested import Attested
from policy.model import Policy
from policy.privacy import privacy_unmet
from policy.reinstatement import COMMUNICATIONS
from policy.training_gate import ENDED_ACCOUNTS
from schemas.accounts import Access, Account
from schemas.errors import NotAllowed, NotNow
from schemas.evidence import PrivacyReview
from schemas.outcome import Subject
from schemas.receipt import Receipt
from schemas.states import AccessState
from schemas.words import SubjectKind, Via
from tasks.store import Store, audit, lookup
from tasks.store.audit import Actor
from tasks.store.evidence import keep
from tasks.store.holders import holders


async def attest_privacy(
    store: Store,
    policy: Policy,
    account_id: int,
    done: Sequence[str],
    *,
    by: str,
    via: Via,
    now: datetime,
) -> Receipt:
    """Record which settings of the platform's present checklist are set; what is left out is not (7).

    Raises:
        BadInput: the checklist has no such item.
        NotAllowed: only an administrator with access, or Communications.
        NotNow: the account has ended.
        Unknown: no such account or person.
    """
    async with store.write() as session:
        person_id = await lookup.person_id(session, by)
        account = await lookup.by_id(session, Account, account_id)
        connection = await session.connection()
        mine = await connection.execute(
            select(col(Access.id)).where(
                col(Access.account_id) == account_id,
                col(Access.person_id) == person_id,
                col(Access.state) == AccessState.GRANTED,
            )
        )
        if mine.first() is None:
            allowed = await holders(session, COMMUNICATIONS, Calendar(policy).today(now))
            if person_id not in {one.person_id for one in allowed}:
                raise NotAllowed(
                    f"Only an administrator with access to account {account_id}, or Communications, attests "
                    "its privacy settings."
                )
        if account.state in ENDED_ACCOUNTS:
            raise NotNow(f"Account {account_id} is '{account.state}': it has ended.")
        unmet = privacy_unmet(account, tuple(done), policy)
        checklist = policy.checklist(account.platform)
        await keep(
            session,
            PrivacyReview,
            account_id=account_id,
            checklist_version=checklist.version,
            unmet=list(unmet),
            attested_by_id=person_id,
            attested_at=now,
            recorded_via=via,
        )
        subject = Subject(SubjectKind.ACCOUNT, account_id)
        await audit.append(
            session,
            subject,
            actor=Actor(person_id, via),
            control=policy.name_of(Attested),
            cause="privacy settings attested",
            now=now,
            body={"checklist": checklist.version, "unmet": len(unmet)},
        )
    texts = {item.id: item.text for item in checklist.items}
    left = "; ".join(f"{item}: {texts[item]}" for item in unmet)
    said = f"Still to be set: {left}" if left else f"Good for {policy.privacy.attest_every_days} days."
    return Receipt(subject, "attested", f"The privacy settings of account {account_id} are attested. {said}")

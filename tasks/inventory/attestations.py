"""What somebody vouches for about an account that was found: kept as evidence, with who said so and when."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.controls.display import Display
from policy.controls.identify_owner import IdentifyOwner
from policy.gates import texts
from policy.model import Policy
from schemas.columns import table_of
from schemas.evidence import ListReview, PageCheck, PrivacyReview, ProfileCheck, Rotation
from schemas.gates import Acceptance, GuidelineReceipt
from schemas.words import PageVerdict, Via
from tasks.files.inventory import FoundAccount
from tasks.store.evidence import keep
from tasks.store.upsert import insert_once

#: An attestation that names no checklist: it says nothing about the present one.
AS_FOUND = "as found"

SEEN_OF_PROFILE = "Name and position seen by whoever vouched for the list of accounts."
SEEN = "Seen on the page by whoever vouched for the list of accounts."
CHANGED = "changed before the account was taken in"

_MIDDAY = time(12)


def midday(day: date, zone: ZoneInfo) -> datetime:
    """A moment of a day of which only the day is known, in UTC."""
    return datetime.combine(day, _MIDDAY, zone).astimezone(UTC)


async def keep_attestations(
    session: AsyncSession,
    policy: Policy,
    one: FoundAccount,
    account_id: int,
    people: Sequence[int],
    by_id: int,
) -> None:
    """Keep what a row attests, for the account and for each of its administrators.

    Guidelines and notice are the present ones: the list is held against this policy. A guideline that
    somebody acknowledged already stays as it is.
    """
    connection, zone = await session.connection(), policy.zone
    asked = texts(policy, one, "account")
    if one.accepted_on is not None and people and asked:
        accepted = midday(one.accepted_on, zone)
        await connection.execute(
            insert(table_of(Acceptance)),
            [
                {
                    "person_id": person,
                    "account_id": account_id,
                    "text": text.id,
                    "text_version": text.version,
                    "accepted_at": accepted,
                    "recorded_via": Via.IMPORT,
                }
                for person in people
                for text in asked
            ],
        )
    if one.acknowledged_on is not None:
        await _acknowledge(session, policy, one, people, midday(one.acknowledged_on, zone))
    if one.privacy_attested_on is not None:
        await keep(
            session,
            PrivacyReview,
            account_id=account_id,
            checklist_version=one.privacy_checklist or AS_FOUND,
            unmet=[],
            attested_by_id=by_id,
            attested_at=midday(one.privacy_attested_on, zone),
            recorded_via=Via.IMPORT,
        )
    display = policy.first(Display, level=one.level)
    if one.notice_seen_on is not None and display is not None:
        await keep(
            session,
            PageCheck,
            account_id=account_id,
            checked_at=midday(one.notice_seen_on, zone),
            verdict=PageVerdict.EXACT,
            notice_version=policy.notice_by_id(display.notice).version,
            address=one.address or "",
            detail=SEEN,
            statements=[],
            text="",
            attested_by_id=by_id,
            good_through=one.notice_seen_on + timedelta(days=display.attested_good_days),
        )
    owner_named = policy.first(IdentifyOwner, level=one.level)
    if one.profile_seen_on is not None and owner_named is not None:
        good_days = timedelta(days=owner_named.attested_good_days)
        await keep(
            session,
            ProfileCheck,
            account_id=account_id,
            person_id=people[0],
            checked_at=midday(one.profile_seen_on, zone),
            shown=True,
            attested_by_id=by_id,
            good_through=one.profile_seen_on + good_days,
            detail=SEEN_OF_PROFILE,
        )
    if one.password_changed_on is not None:
        await connection.execute(
            insert(table_of(Rotation)).values(
                account_id=account_id,
                rotated_at=midday(one.password_changed_on, zone),
                rotated_by_id=by_id,
                evidence=one.vault_reference or "",
                reason=CHANGED,
                recorded_via=Via.IMPORT,
            )
        )
    if one.administrators_reviewed_on is not None:
        await connection.execute(
            insert(table_of(ListReview)).values(
                account_id=account_id,
                reviewed_at=midday(one.administrators_reviewed_on, zone),
                reviewed_by_id=by_id,
                removed=[],
                recorded_via=Via.IMPORT,
            )
        )


async def _acknowledge(
    session: AsyncSession, policy: Policy, one: FoundAccount, people: Sequence[int], at: datetime
) -> None:
    """The guidelines that fit the account, acknowledged by each of its administrators."""
    for person in people:
        for text in texts(policy, one, "person"):
            await insert_once(
                session,
                table_of(GuidelineReceipt),
                {
                    "person_id": person,
                    "guideline": text.id,
                    "guideline_version": text.version,
                    "sent_at": at,
                    "acknowledged_at": at,
                    "recorded_via": Via.IMPORT,
                },
                unique=["person_id", "guideline", "guideline_version"],
            )

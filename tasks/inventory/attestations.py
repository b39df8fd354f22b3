"""What somebody vouches for about an account that was found: kept as evidence, with who said so and when."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlmodel import SQLModel

from policy.controls.display import Display
from policy.controls.identify_owner import IdentifyOwner
from policy.gates import texts
from policy.model import Policy
from schemas.columns import table_of
from schemas.evidence import ListReview, PageCheck, PrivacyReview, ProfileCheck, Rotation
from schemas.gates import Acceptance, GuidelineReceipt
from schemas.words import PageVerdict, Via
from tasks.files.inventory import FoundAccount
from tasks.store.import_runs import AT_ONCE, insert_new
from tasks.store.session import Session

#: An attestation that names no checklist: it says nothing about the present one.
AS_FOUND = "as found"

SEEN_OF_PROFILE = "Name and position seen by whoever vouched for the list of accounts."
SEEN = "Seen on the page by whoever vouched for the list of accounts."
CHANGED = "changed before the account was taken in"

_MIDDAY = time(12)


def midday(day: date, zone: ZoneInfo) -> datetime:
    """A moment of a day of which only the day is known, in UTC."""
    return datetime.combine(day, _MIDDAY, zone).astimezone(UTC)


#: A row of evidence: its table's class, and its values.
Piece = tuple[type[SQLModel], dict[str, Any]]
#: An account that was just begun: its row of the list, its number, and the people who administer it.
Begun = tuple[FoundAccount, int, Sequence[int]]


async def keep_attestations(session: Session, policy: Policy, begun: Sequence[Begun], by_id: int) -> None:
    """Keep what rows attest, for the accounts that were just begun and for each of their administrators.

    Guidelines and notice are the present ones: the list is held against this policy. A guideline that
    somebody acknowledged already stays as it is.
    """
    pieces: dict[type[SQLModel], list[dict[str, Any]]] = {}
    for one in begun:
        for kind, values in _attested(policy, *one, by_id):
            pieces.setdefault(kind, []).append(values)
    await insert_new(
        session,
        GuidelineReceipt,
        pieces.pop(GuidelineReceipt, []),
        unique=("person_id", "guideline", "guideline_version"),
    )
    for kind, rows in pieces.items():  # of a new account each piece is its latest
        for start in range(0, len(rows), AT_ONCE):
            await session.run(insert(table_of(kind)), rows[start : start + AT_ONCE])


def _attested(
    policy: Policy, one: FoundAccount, account_id: int, people: Sequence[int], by_id: int
) -> Iterator[Piece]:
    """What a row attests, piece by piece."""
    zone = policy.zone
    if one.accepted_on is not None:
        accepted = midday(one.accepted_on, zone)
        for person in people:
            for text in texts(policy, one, "account"):
                yield (
                    Acceptance,
                    {
                        "person_id": person,
                        "account_id": account_id,
                        "text": text.id,
                        "text_version": text.version,
                        "accepted_at": accepted,
                        "recorded_via": Via.IMPORT,
                    },
                )
    if one.acknowledged_on is not None:
        at = midday(one.acknowledged_on, zone)
        for person in people:
            for text in texts(policy, one, "person"):
                yield (
                    GuidelineReceipt,
                    {
                        "person_id": person,
                        "guideline": text.id,
                        "guideline_version": text.version,
                        "sent_at": at,
                        "acknowledged_at": at,
                        "recorded_via": Via.IMPORT,
                    },
                )
    if one.privacy_attested_on is not None:
        yield (
            PrivacyReview,
            {
                "account_id": account_id,
                "checklist_version": one.privacy_checklist or AS_FOUND,
                "unmet": [],
                "attested_by_id": by_id,
                "attested_at": midday(one.privacy_attested_on, zone),
                "recorded_via": Via.IMPORT,
            },
        )
    yield from _seen(policy, one, account_id, people, by_id)
    if one.password_changed_on is not None:
        yield (
            Rotation,
            {
                "account_id": account_id,
                "rotated_at": midday(one.password_changed_on, zone),
                "rotated_by_id": by_id,
                "evidence": one.vault_reference or "",
                "reason": CHANGED,
                "recorded_via": Via.IMPORT,
            },
        )
    if one.administrators_reviewed_on is not None:
        yield (
            ListReview,
            {
                "account_id": account_id,
                "reviewed_at": midday(one.administrators_reviewed_on, zone),
                "reviewed_by_id": by_id,
                "removed": [],
                "recorded_via": Via.IMPORT,
            },
        )


def _seen(
    policy: Policy, one: FoundAccount, account_id: int, people: Sequence[int], by_id: int
) -> Iterator[Piece]:
    """What somebody saw on the account's page and profile."""
    display = policy.first(Display, level=one.level)
    if one.notice_seen_on is not None and display is not None:
        yield (
            PageCheck,
            {
                "account_id": account_id,
                "checked_at": midday(one.notice_seen_on, policy.zone),
                "verdict": PageVerdict.EXACT,
                "notice_version": policy.notice_by_id(display.notice).version,
                "address": one.address or "",
                "detail": SEEN,
                "statements": [],
                "text": "",
                "attested_by_id": by_id,
                "good_through": one.notice_seen_on + timedelta(days=display.attested_good_days),
            },
        )
    owner_named = policy.first(IdentifyOwner, level=one.level)
    if one.profile_seen_on is not None and owner_named is not None:
        good_days = timedelta(days=owner_named.attested_good_days)
        yield (
            ProfileCheck,
            {
                "account_id": account_id,
                "person_id": people[0],
                "checked_at": midday(one.profile_seen_on, policy.zone),
                "shown": True,
                "attested_by_id": by_id,
                "good_through": one.profile_seen_on + good_days,
                "detail": SEEN_OF_PROFILE,
            },
        )

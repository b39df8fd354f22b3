"""7 and 8: privacy settings are attested, and the notice was seen on the page."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, literal, or_, select
from sqlmodel import col

from policy.account_creation import SHOWN
from policy.model import Policy
from policy.rules.dates import day_of, plus_days, start_of
from policy.rules.form import Among, every_account, rule
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.evidence import PageCheck, PrivacyReview
from schemas.words import PageVerdict


@rule(clause="7", scope=every_account)
def privacy_is_attested(policy: Policy, today: date, _among: Among) -> Select[*tuple[Any, ...]]:
    """Every live account whose latest attestation of its privacy settings does not stand.

    It stands when it is against the present checklist of the platform, with nothing unmet, through the
    day `attest_every_days` after it: the day on which it is due anew. Settings that are unmet are due since
    they were seen. Never attested: due the policy's days after the account became live; a checklist
    that changed: counted from `today`.
    """
    review, zone = table_of(PrivacyReview), policy.zone
    every, within = policy.privacy.attest_every_days, policy.standing.attest_within_days
    never, unmet = review.c.id.is_(None), cast(review.c.unmet, String) != "[]"
    outdated = review.c.checklist_version != _present_checklist(policy)
    attested_on = day_of(review.c.attested_at, zone, today)
    return (
        select(
            col(Account.id).label("account_id"),
            literal(0).label("person_id"),
            case(
                (never, plus_days(day_of(col(Account.state_since), zone, today), within)),
                (outdated, literal(today + timedelta(days=within))),
                (unmet, attested_on),
                else_=plus_days(attested_on, every),
            ).label("due_on"),
            case(
                (never, literal("Its privacy settings were never attested.")),
                (outdated, literal("Its privacy settings are attested against an older checklist.")),
                (unmet, literal("Some of its privacy settings are not as the checklist asks.")),
                else_=literal("The attestation of its privacy settings is too old."),
            ).label("detail"),
        )
        .select_from(
            table_of(Account).outerjoin(review, and_(review.c.account_id == col(Account.id), review.c.latest))
        )
        .where(
            or_(
                never,
                outdated,
                unmet,
                review.c.attested_at < start_of(today - timedelta(days=every), zone),
            )
        )
    )


def _present_checklist(policy: Policy) -> ColumnElement[Any]:
    """The version of the checklist for an account's platform."""
    versions: dict[str, list[str]] = {}
    for checklist in policy.checklists:
        versions.setdefault(checklist.version, []).append(checklist.platform)
    usual = max(versions, key=lambda version: len(versions[version]))
    others = [
        (col(Account.platform).in_(platforms), literal(version))
        for version, platforms in versions.items()
        if version != usual
    ]
    return case(*others, else_=literal(usual)) if others else literal(usual)


@rule(clause="8", scope=every_account)
def the_notice_is_shown(policy: Policy, today: date, _among: Among) -> Select[*tuple[Any, ...]]:
    """Every live account whose page did not show the present notice when it was last looked at.

    Unreachable is never a pass; what a person attests of such a page holds until it expires. Due since
    the day of that look; for a page that nobody has looked at, the
    policy's days after the account became live; where the notice is new since, counted from `today`.
    """
    check, zone, within = table_of(PageCheck), policy.zone, policy.standing.look_within_days
    unseen, expired = check.c.account_id.is_(None), check.c.good_through < today
    seen_before = check.c.notice_version != policy.notice.version
    return (
        select(
            col(Account.id).label("account_id"),
            literal(0).label("person_id"),
            case(
                (seen_before, literal(today + timedelta(days=within))),
                (unseen, plus_days(day_of(col(Account.state_since), zone, today), within)),
                (expired, check.c.good_through),
                else_=day_of(check.c.checked_at, zone, today),
            ).label("due_on"),
            case(
                (seen_before, literal("Its page was not looked at since the notice changed.")),
                (unseen, literal("Nobody has looked at its page for the notice.")),
                (expired, literal("What somebody attested of its page has expired.")),
                (check.c.verdict == PageVerdict.UNREACHABLE, literal("Its page could not be reached.")),
                (check.c.verdict == PageVerdict.ALTERED, literal("The notice on its page is altered.")),
                else_=literal("The notice is not on its page, or not all of it."),
            ).label("detail"),
        )
        .select_from(
            table_of(Account).outerjoin(check, and_(check.c.account_id == col(Account.id), check.c.latest))
        )
        .where(or_(unseen, seen_before, check.c.verdict.not_in(sorted(SHOWN)), expired))
    )

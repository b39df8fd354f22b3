"""What the sample's Communications Officer vouches for: nearly everything about nearly every account.

A few of a hundred live accounts violate each rule, so that a first sweep has something to find.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

from deployments.sample.division import SampleAccount, SampleDivision
from deployments.sample.words import Level
from policy.controls.attested import Attested
from policy.controls.identify_owner import IdentifyOwner
from policy.controls.list_review import ListReview
from policy.controls.rotate_secret import RotateSecret
from policy.model import Policy
from schemas.states import AccountState
from schemas.words import ChannelKind, CustodyMode

_OLDER_CHECKLIST = "2025-2"

#: How long ago the account of a violator went live, at least.
_LONG = timedelta(days=500)


def attest(random: Random, division: SampleDivision, policy: Policy) -> None:
    """Add to the live accounts what the list says was attested, and leave it out for a few."""
    for number, one in enumerate(division.accounts):
        if one.state is AccountState.LIVE:
            division.accounts[number] = _attested(random, division, policy, one)
    alone = _with_somebody_of_no_other(division)
    _change(random, division, 3, lambda one: one.handle in alone, acknowledged_on=None)
    _change(random, division, 4, _is_a_schools, accepted_on=None)
    _change(random, division, 2, lambda one: one.level == Level.SCHOOL, vault_reference="", custodian=False)
    _change(
        random, division, 1, lambda one: one.level == Level.CLASSROOM, vault_reference="", custodian=False
    )
    lapsed = timedelta(days=policy.the(Attested).attest_every_days + 30)
    _change(random, division, 1, _is_a_schools, privacy_attested_on=None, privacy_checklist="")
    _change(random, division, 1, _is_attested, privacy_checklist=_OLDER_CHECKLIST)
    _change(random, division, 1, _is_attested, privacy_attested_on=division.today - lapsed)
    _change(random, division, 3, _is_a_schools, notice_seen_on=None)
    _change(random, division, 2, lambda one: one.level == Level.CLASSROOM, profile_seen_on=None)
    _change(
        random, division, 2, lambda one: _is_old_and_personal(one, division), administrators_reviewed_on=None
    )
    _change(random, division, 1, lambda one: _is_old_and_shared(one, division), password_changed_on=None)


def _change(
    random: Random,
    division: SampleDivision,
    count: int,
    fits: Callable[[SampleAccount], bool],
    **changes: object,
) -> None:
    """Change so many of the live accounts that fit."""
    live = [n for n, one in enumerate(division.accounts) if one.state is AccountState.LIVE and fits(one)]
    for number in random.sample(live, min(count, len(live))):
        division.accounts[number] = replace(division.accounts[number], **changes)  # type: ignore[arg-type]


def _is_a_schools(one: SampleAccount) -> bool:
    return one.level != Level.DIVISION


def _is_attested(one: SampleAccount) -> bool:
    return _is_a_schools(one) and one.privacy_attested_on is not None


def _is_old_and_shared(one: SampleAccount, division: SampleDivision) -> bool:
    """Whether its password was due to be changed since it went live."""
    shared = one.custody is CustodyMode.SHARED_PASSWORD
    return shared and one.live_since is not None and division.today - one.live_since > _LONG


def _is_old_and_personal(one: SampleAccount, division: SampleDivision) -> bool:
    """Whether its list of administrators was due to be looked at since it went live."""
    personal = one.custody is not CustodyMode.SHARED_PASSWORD
    return personal and one.live_since is not None and division.today - one.live_since > _LONG


def _attested(random: Random, division: SampleDivision, policy: Policy, one: SampleAccount) -> SampleAccount:
    """The account with everything attested, on days that lie well within what the policy allows."""

    def recently(at_most: int) -> timedelta:
        return timedelta(days=random.randint(5, at_most))

    shared = one.custody is CustodyMode.SHARED_PASSWORD
    within = policy.the(IdentifyOwner).attested_good_days - 30
    version = next(checklist.version for checklist in policy.checklists if checklist.platform == one.platform)
    return replace(
        one,
        privacy_attested_on=division.today - recently(policy.the(Attested).attest_every_days - 30),
        privacy_checklist=version,
        accepted_on=division.today - recently(180),
        acknowledged_on=division.today - recently(180),
        notice_seen_on=division.today - recently(60),
        profile_seen_on=division.today - recently(within) if one.level == Level.CLASSROOM else None,
        administrators_reviewed_on=None
        if shared
        else division.today - recently(policy.the(ListReview).every_days - 30),
        password_changed_on=division.today - recently(policy.the(RotateSecret).every_days - 30)
        if shared
        else None,
    )


def _with_somebody_of_no_other(division: SampleDivision) -> set[str]:
    """The handles of accounts with an administrator who has no other live one of the same sort."""
    sorts = Counter(
        (email, one.channel is ChannelKind.WEBSITE)
        for one in division.accounts
        if one.state is AccountState.LIVE
        for email in one.administrators
    )
    return {
        one.handle
        for one in division.accounts
        if one.state is AccountState.LIVE
        and any(sorts[email, one.channel is ChannelKind.WEBSITE] == 1 for email in one.administrators)
    }

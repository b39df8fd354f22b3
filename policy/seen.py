"""Whether the fault of a finding was seen: what could not be seen of a page is not a fault."""

from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, or_, select
from sqlmodel import col

from policy.controls.display import Display
from policy.controls.identify_owner import IdentifyOwner
from policy.model import Policy
from schemas.evidence import PageCheck, ProfileCheck
from schemas.findings import Finding
from schemas.words import PageVerdict

_LACKS = (PageVerdict.ALTERED, PageVerdict.MISSING)


def page_faults() -> Select[*tuple[Any, ...]]:
    """The accounts whose page was seen without the notice, or with other words."""
    return select(col(PageCheck.account_id)).where(col(PageCheck.latest), col(PageCheck.verdict).in_(_LACKS))


def profile_faults() -> Select[*tuple[Any, ...]]:
    """The accounts whose profile was seen without its owner."""
    return select(col(ProfileCheck.account_id)).where(
        col(ProfileCheck.latest), col(ProfileCheck.shown).is_(False)
    )


def is_seen(policy: Policy) -> ColumnElement[bool]:
    """Whether the fault of a finding was seen: for what a page must show, that it came and lacked it."""
    pages = [one.name for one in policy.of(Display)]
    profiles = [one.name for one in policy.of(IdentifyOwner)]
    control, account = col(Finding.control), col(Finding.account_id)
    return or_(
        control.not_in([*pages, *profiles]),
        and_(control.in_(pages), _one_of(page_faults(), PageCheck, account)),
        and_(control.in_(profiles), _one_of(profile_faults(), ProfileCheck, account)),
    )


def _one_of(
    faults: Select[*tuple[Any, ...]], kind: type[PageCheck | ProfileCheck], account: SQLColumnExpression[int]
) -> ColumnElement[bool]:
    return faults.where(col(kind.account_id) == account).correlate(Finding).exists()

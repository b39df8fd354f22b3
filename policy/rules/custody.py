"""5.5 and 6.2: somebody besides its administrators can reach every account, and it is shown how."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, not_, or_, select, true
from sqlmodel import col

from policy.model import Policy
from policy.model.lists import CustodyEvidence
from policy.rules.form import Among, rule
from schemas.accounts import Account
from schemas.words import Level


def communications_holds(_policy: Policy) -> ColumnElement[bool]:
    """The accounts that Communications must be able to reach (5.5)."""
    return col(Account.level).in_((Level.DIVISION, Level.SCHOOL))


def principal_holds(_policy: Policy) -> ColumnElement[bool]:
    """The accounts that the principal or designate must be able to reach (6.2)."""
    return col(Account.level) == Level.CLASSROOM


def custody_is_shown(policy: Policy) -> ColumnElement[bool]:
    """Whether an account has one of the evidences that the policy asks for its custody mode."""
    ways: dict[CustodyEvidence, ColumnElement[bool]] = {
        CustodyEvidence.VAULT_REFERENCE: func.coalesce(col(Account.vault_reference), "") != "",
        CustodyEvidence.CUSTODIAN: col(Account.custodian_is_administrator).is_(true()),
    }
    return or_(
        *(
            and_(col(Account.custody) == terms.mode, or_(*(ways[evidence] for evidence in terms.evidence)))
            for terms in policy.custody
        )
    )


def _unshown(policy: Policy, today: date, detail: str) -> Select[*tuple[Any, ...]]:
    return select(
        col(Account.id).label("account_id"),
        literal(0).label("person_id"),
        literal(today).label("due_on"),
        literal(detail).label("detail"),
    ).where(not_(custody_is_shown(policy)))


@rule(clause="5.5", scope=communications_holds)
def communications_can_reach_it(policy: Policy, today: date, _among: Among) -> Select[*tuple[Any, ...]]:
    """Every live division or school account without evidence that Communications can reach it.

    Due on `today`: from then on it does not hold.
    """
    return _unshown(policy, today, "Nothing shows that Communications can reach it.")


@rule(clause="6.2", scope=principal_holds)
def the_principal_can_reach_it(policy: Policy, today: date, _among: Among) -> Select[*tuple[Any, ...]]:
    """Every live classroom account without evidence that the principal or designate can reach it.

    Due on `today`: from then on it does not hold.
    """
    return _unshown(policy, today, "Nothing shows that the principal or designate can reach it.")

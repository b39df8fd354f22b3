"""An office can reach an account besides its administrators."""

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from sqlalchemy import ColumnElement, Select, and_, func, literal, not_, or_, select, true
from sqlmodel import col

from policy.controls._rule import Rule
from policy.parts import Id
from policy.selects import AccountFilter
from schemas.accounts import Account

if TYPE_CHECKING:
    from policy.model import Policy


class Custody(Rule):
    """It is shown, for every account of these levels, how a holder of the office can reach it.

    `office`: whose way in it is. What shows it depends on how its administrators get in: see the file's
    `custody`.

    Finds every live account where nothing shows it. Asks whoever reports an account to show it, and
    whoever administers one that was found. Never asks for a password.
    """

    may_observe: ClassVar[bool] = True

    use: Literal["custody"] = "custody"
    office: Id

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        return (("office", "office", self.office),)

    def found(self, policy: "Policy", today: date, among: AccountFilter) -> Select[*tuple[Any, ...]]:
        """Every live account without evidence that the office can reach it.

        Due on `today`: from then on it does not hold.
        """
        del among
        found: Select[*tuple[Any, ...]] = select(
            col(Account.id).label("account_id"),
            literal(0).label("person_id"),
            literal(today).label("due_on"),
            literal(f"Nothing shows that the {policy.label(self.office)} can reach it.").label("detail"),
        ).where(not_(custody_is_shown(policy)))
        return found


def custody_is_shown(policy: "Policy") -> ColumnElement[bool]:
    """Whether an account has one of the evidences that the policy asks for its custody mode."""
    ways: dict[str, ColumnElement[bool]] = {
        "vault reference": func.coalesce(col(Account.vault_reference), "") != "",
        "custodian is administrator": col(Account.custodian_is_administrator).is_(true()),
    }
    return or_(
        *(
            and_(col(Account.custody) == terms.mode, or_(*(ways[evidence] for evidence in terms.evidence)))
            for terms in policy.custody
        )
    )

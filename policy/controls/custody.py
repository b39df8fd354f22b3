"""An office can reach an account besides its administrators."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, not_, or_, select, true
from sqlmodel import col

from policy.controls._rule import Rule
from policy.parts import Id, Lasts
from policy.selects import AccountFilter, day_of, plus_days, start_of
from schemas.accounts import Account
from schemas.columns import UtcDateTime

if TYPE_CHECKING:
    from policy.model import Policy


class Custody(Rule):
    """It is shown, for every account of these levels, how a holder of the office can reach it.

    `office`: whose way in it is. What shows it depends on how its administrators get in: see the file's
    `custody`. `verified_every_days`: how long it counts that the office signed in, or opened the vault's
    entry; None never asks for that. No day before `verified_from` counts.

    Finds every live account where nothing shows it, or where the office has not tried it for so long. Asks
    whoever reports an account to show it, whoever administers one that was found, and the office to try it.
    Never asks for a password.
    """

    may_observe: ClassVar[bool] = True

    use: Literal["custody"] = "custody"
    office: Id
    verified_every_days: Lasts | None = None
    verified_from: date | None = None

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        return (("office", "office", self.office),)

    def found(self, policy: "Policy", today: date, among: AccountFilter) -> Select[*tuple[Any, ...]]:
        """Every live account without evidence that the office can reach it, or that it tried.

        Without evidence: due on `today`, from then on it does not hold. Not tried: on the last day on which
        the trial before counted; the account's becoming live, or being taken in, is the first.
        """
        del among
        label, untried = policy.label(self.office), self._untried(policy, today)
        shown = custody_is_shown(policy)
        found: Select[*tuple[Any, ...]] = select(
            col(Account.id).label("account_id"),
            literal(0).label("person_id"),
            case((not_(shown), literal(today)), else_=self._lapses(policy, today)).label("due_on"),
            case(
                (not_(shown), literal(f"Nothing shows that the {label} can reach it.")),
                else_=literal(f"The {label} has not tried for long whether it can be reached."),
            ).label("detail"),
        ).where(or_(not_(shown), untried))
        return found

    def _untried(self, policy: "Policy", today: date) -> ColumnElement[bool]:
        """Whether the office has not signed in for longer than that counts."""
        every, begin = self.verified_every_days, self.verified_from or date.min
        if every is None or today - timedelta(days=every) <= begin:
            return false()
        return _tried() < start_of(today - timedelta(days=every), policy.zone)

    def _lapses(self, policy: "Policy", today: date) -> ColumnElement[date]:
        """The last day on which the office's last trial counts."""
        every, begin = self.verified_every_days, self.verified_from
        if every is None:
            return literal(today)
        last = plus_days(day_of(_tried(), policy.zone, today), every)
        if begin is None:
            return last
        first = literal(begin + timedelta(days=every))
        return case((_tried() < start_of(begin, policy.zone), first), else_=last)


def _tried() -> ColumnElement[datetime]:
    return func.coalesce(
        col(Account.custody_verified_at),
        col(Account.live_since),
        col(Account.state_since),
        type_=UtcDateTime(),
    )


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

"""An account says what it is for."""

from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Select, func, literal, select
from sqlmodel import col

from policy.controls._rule import Rule
from policy.parts import Count
from policy.selects import AccountFilter
from schemas.accounts import Account

if TYPE_CHECKING:
    from policy.model import Policy


class Described(Rule):
    """Every account of these levels says what it is for.

    `characters_at_least`: how much it says.

    Finds every live account that says less. Asks nobody. Never judges what is said.
    """

    use: Literal["described"] = "described"
    characters_at_least: Count

    def found(self, policy: "Policy", today: date, among: AccountFilter) -> Select[*tuple[Any, ...]]:
        """Every live account whose purpose is too short. Due on `today`."""
        del policy, among
        found: Select[*tuple[Any, ...]] = select(
            col(Account.id).label("account_id"),
            literal(0).label("person_id"),
            literal(today).label("due_on"),
            literal("It does not say what it is for.").label("detail"),
        ).where(func.length(col(Account.purpose)) < self.characters_at_least)
        return found

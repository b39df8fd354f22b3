"""A control that finds: one select of its violators, and the live accounts that it speaks of.

The select is over `account`, under its own name, and gives four columns: `account_id`, `person_id` (0
where it is about the account alone), `due_on` (the day the obligation fell due) and `detail` (a sentence
without names). The nightly sweep runs it as it is; narrowed to some accounts, the same select answers for
those. It judges in the database: no row travels to Python, and a million accounts are one statement.
"""

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, select, true
from sqlmodel import col

from policy.controls._control import Control
from policy.selects import AccountFilter, is_live, is_live_or_suspended
from schemas.accounts import Account

if TYPE_CHECKING:
    from policy.model import Policy

COLUMNS = ("account_id", "person_id", "due_on", "detail")


class Rule(Control):
    """A control with a standing obligation of live accounts."""

    @property
    def runs(self) -> bool:
        """Whether the nightly sweep holds accounts to it."""
        return not self.is_off

    def found(self, policy: "Policy", today: date, among: AccountFilter) -> Select[*tuple[Any, ...]]:
        """Who violates it on `today`, of all accounts; the caller narrows it to those that it speaks of."""
        raise NotImplementedError

    def scope(self, policy: "Policy") -> ColumnElement[bool]:
        """The accounts that it speaks of, live or not."""
        return true() if self.levels is None else col(Account.level).in_(policy.levels_of(self))

    def violators(
        self, policy: "Policy", today: date, only: Collection[int] | None = None
    ) -> Select[*tuple[Any, ...]]:
        """Who violates it on `today`, a day of the division's zone; `only` these accounts if given."""
        return self._within(is_live(), policy, today, only)

    def violators_to_keep(
        self, policy: "Policy", today: date, only: Collection[int] | None = None
    ) -> Select[*tuple[Any, ...]]:
        """The same with suspended accounts, whose findings wait until they are mended.

        A column more, `live`, says which are not suspended: only those can have new findings.
        """
        return self._within(is_live_or_suspended(), policy, today, only).add_columns(is_live().label("live"))

    def _within(
        self, state: ColumnElement[bool], policy: "Policy", today: date, only: Collection[int] | None
    ) -> Select[*tuple[Any, ...]]:
        among = AccountFilter(None if only is None else tuple(only))
        found = self.found(policy, today, among).where(state, self.scope(policy))
        return found if only is None else found.where(among(col(Account.id)))

    def accounts(self, policy: "Policy", only: Collection[int] | None = None) -> Select[*tuple[Any, ...]]:
        """The live accounts that it speaks of, as `account_id`; `only` among these if given."""
        found: Select[*tuple[Any, ...]] = select(col(Account.id).label("account_id")).where(
            is_live(), self.scope(policy)
        )
        return found if only is None else found.where(col(Account.id).in_(only))

"""What a standing rule is: one select of its violators, and the live accounts it speaks of.

The select is over `account`, under its own name, and gives four columns: `account_id`, `person_id` (0
where it is about the account alone), `due_on` (the day the obligation fell due) and `detail` (a sentence
without names). The nightly sweep runs it as it is; narrowed to some accounts, the same select answers for
those. It judges in the database: no row travels to Python, and a million accounts are one statement.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, select, true
from sqlmodel import col

from policy.model import Policy
from policy.serving import serves
from schemas.accounts import Account
from schemas.states import AccountState

COLUMNS = ("account_id", "person_id", "due_on", "detail")


@dataclass(frozen=True)
class Among:
    """The accounts that a select is narrowed to, by number; None is all of them.

    `Rule` narrows `account` itself. A rule that groups another table by account narrows that one too:
    no database does so by itself, and one account's answer would cost as much as everybody's.
    """

    only: tuple[int, ...] | None = None

    @property
    def everybody(self) -> bool:
        """Whether it is narrowed to nothing: what is asked once for all pays only then."""
        return self.only is None

    def __call__(self, account_id: SQLColumnExpression[Any]) -> ColumnElement[bool]:
        """Whether this column names one of them."""
        return true() if self.only is None else account_id.in_(self.only)


Violators = Callable[[Policy, date, Among], Select[*tuple[Any, ...]]]
Scope = Callable[[Policy], ColumnElement[bool]]


@dataclass(frozen=True)
class Rule:
    """A standing obligation of live accounts, under its clause."""

    clause: str
    name: str
    scope: Scope
    select: Violators

    def violators(
        self,
        policy: Policy,
        today: date,
        only: Collection[int] | None = None,
    ) -> Select[*tuple[Any, ...]]:
        """Who violates it on `today`, a day of the division's zone; `only` these accounts if given."""
        return self._within(is_live(), policy, today, only)

    def violators_to_keep(
        self, policy: Policy, today: date, only: Collection[int] | None = None
    ) -> Select[*tuple[Any, ...]]:
        """The same with suspended accounts, whose findings wait until they are mended (10).

        A column more, `live`, says which are not suspended: only those can have new findings.
        """
        return self._within(is_live_or_suspended(), policy, today, only).add_columns(is_live().label("live"))

    def _within(
        self, standing: ColumnElement[bool], policy: Policy, today: date, only: Collection[int] | None
    ) -> Select[*tuple[Any, ...]]:
        among = Among(None if only is None else tuple(only))
        found = self.select(policy, today, among).where(standing, self.scope(policy))
        return found if only is None else found.where(among(col(Account.id)))

    def accounts(self, policy: Policy, only: Collection[int] | None = None) -> Select[*tuple[Any, ...]]:
        """The live accounts that it speaks of, as `account_id`; `only` among these if given."""
        found: Select[*tuple[Any, ...]] = select(col(Account.id).label("account_id")).where(
            is_live(), self.scope(policy)
        )
        return found if only is None else found.where(col(Account.id).in_(only))


def is_live() -> ColumnElement[bool]:
    """The accounts that standing rules speak of."""
    return and_(col(Account.state) == AccountState.LIVE)


def is_live_or_suspended() -> ColumnElement[bool]:
    """The accounts whose findings stand until they are mended: suspending one mends nothing (10)."""
    return and_(col(Account.state).in_((AccountState.LIVE, AccountState.SUSPENDED)))


def every_account(_policy: Policy) -> ColumnElement[bool]:
    """The scope of a rule that speaks of every live account."""
    return true()


_RULES: dict[str, Rule] = {}

#: Every rule by its clause, as the modules of this package registered them.
RULES: Mapping[str, Rule] = MappingProxyType(_RULES)


def rule(*, clause: str, scope: Scope) -> Callable[[Violators], Violators]:
    """Register the select below it as the rule of a clause, for the live accounts that `scope` picks.

    The rule adds `scope` and "is live" itself. Raises ValueError when the clause has a rule already or
    when AP 151 does not have it.
    """

    def register(function: Violators) -> Violators:
        if clause in _RULES:
            raise ValueError(f"clause {clause} has a rule already: {_RULES[clause].name}")
        serves(clause, how="rule")(function)
        _RULES[clause] = Rule(clause, function.__name__, scope, function)
        return function

    return register

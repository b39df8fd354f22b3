"""An act: its form, who may do it, its function; and the one way in which acts are run."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from policy.calendar import Calendar
from policy.controls import Control
from policy.model import Policy
from schemas.forms import ActForm
from schemas.receipt import Receipt
from schemas.words import Via
from tasks.acts.context import ActContext
from tasks.acts.who import Who
from tasks.store import Store, lookup
from tasks.store.audit import Actor

F = TypeVar("F", bound=ActForm)
Function = Callable[[ActContext, F], Awaitable[Receipt]]


@dataclass(frozen=True)
class Act(Generic[F]):
    """Something that a person can do. Calling it does it, in one transaction.

    `does` ends the sentence "Only … " of a refusal. `control`: the kinds of control that it serves, whose
    clauses a refusal names. `fn` gets the context and the form.
    """

    form: type[F]
    who: Who
    does: str
    control: tuple[type[Control], ...]
    fn: Function[F]

    async def __call__(
        self, store: Store, policy: Policy, form: F, *, via: Via, now: datetime, os_user: str | None = None
    ) -> Receipt:
        """Find who acts, check that they may, and do it; everything in one transaction, or nothing.

        `os_user` is the operating system's name for who typed it, where it came from a terminal.
        Raises NotAllowed naming who may, Unknown for an actor we do not have, and what the function raises.
        """
        async with store.write() as session:
            person_id = await lookup.person_id(session, form.actor)
            context = ActContext(session, policy, Calendar(policy), Actor(person_id, via, os_user), now)
            standing = await self.who.require(context, form, f"{self.does}{self.clauses(policy)}")
            return await self.fn(replace(context, standing=standing), form)

    def clauses(self, policy: Policy) -> str:
        """The clauses that it serves, in brackets after a space; empty where the policy has none."""
        served = [policy.clause_of(one.name).id for kind in self.control for one in policy.of(kind)]
        return f" ({', '.join(dict.fromkeys(served))})" if served else ""


def act(
    form: type[F], *, who: Who, does: str, control: tuple[type[Control], ...]
) -> Callable[[Function[F]], Act[F]]:
    """Make an act of the function below. Its place among the commands and forms is in `tasks.acts.table`."""

    def made(function: Function[F]) -> Act[F]:
        return Act(form, who, does, control, function)

    return made


def described(found: Act[Any]) -> str:
    """What the act is for, as its form says it, in one paragraph."""
    return " ".join((found.form.__doc__ or "").split())

"""An act: its form, who may do it, its function; and the one way in which acts are run."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from policy.calendar import Calendar
from policy.model import Policy
from schemas.forms import ActForm
from schemas.receipt import Receipt
from schemas.words import Via
from tasks.acts.context import ActContext, Standing
from tasks.acts.who import Who
from tasks.store import Store, lookup
from tasks.store.audit import Actor

F = TypeVar("F", bound=ActForm)
Function = Callable[[ActContext, F], Awaitable[Receipt]]


@dataclass(frozen=True)
class Act(Generic[F]):
    """Something that a person can do. Calling it does it, in one transaction.

    `does` ends the sentence "Only … " of a refusal. `fn` gets the context and the form.
    """

    form: type[F]
    who: Who
    does: str
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
            standing = await self.who.require(context, form, self.does)
            return await self.fn(_in_right(context, standing), form)


def _in_right(context: ActContext, standing: Standing) -> ActContext:
    return ActContext(
        context.session, context.policy, context.calendar, context.actor, context.now, standing, context.material
    )


def act(form: type[F], *, who: Who, does: str) -> Callable[[Function[F]], Act[F]]:
    """Make an act of the function below. Its place among the commands and forms is in `tasks.acts.table`."""

    def made(function: Function[F]) -> Act[F]:
        return Act(form, who, does, function)

    return made


def described(found: Act[Any]) -> str:
    """What the act is for, as its form says it, in one paragraph."""
    return " ".join((found.form.__doc__ or "").split())

"""An act: its form, who may do it, its function; and the one way in which acts are run."""

from asyncio import to_thread
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import select
from sqlmodel import col

from policy.controls import Control
from policy.known import refuse_unknown
from policy.model import Policy
from schemas.forms import ActForm
from schemas.outcome import Outcome
from schemas.people import Person
from schemas.receipt import Receipt
from schemas.words import Via
from tasks.acts.columns import columns_for, keep_columns
from tasks.acts.context import ActContext
from tasks.acts.once import handed_in, keep_key
from tasks.acts.recorder import TypedBy, recorded_by, told_of_it
from tasks.acts.who import Who
from tasks.files.columns import Columns
from tasks.store import Store, lookup
from tasks.store.audit import Actor
from tasks.store.holders import gives_offices
from tasks.store.import_runs import trial
from tasks.store.session import Session

F = TypeVar("F", bound=ActForm)
R = TypeVar("R")
Function = Callable[[ActContext, F], Awaitable[R]]
Prepare = Callable[[F, Policy, datetime, Columns], Any]


def never(_form: ActForm) -> bool:
    """An act whose mistakes are mended easily, whatever was typed."""
    return False


def always(_form: ActForm) -> bool:
    """An act that gives power, takes it from many, or can't be taken back."""
    return True


@dataclass(frozen=True)
class Act(Generic[F, R]):
    """Something that a person can do. Calling it does it, in one transaction.

    `does` ends the sentence "Only … " of a refusal. `control`: the kinds of control that it serves, whose
    clauses a refusal names. `fn` is given the context and the form, and answers with a Receipt; that of an
    import answers with a report. `prepare` runs before the transaction, so that nobody waits while a file
    is read: it is given what was said of the file's columns, and its result is the context's `material`.
    `first`: anybody may do it while nobody holds an office of the division, since somebody must begin.
    `in_person`: it decides, gives authority, or can't be undone, so nobody else records it in their name.
    `dangerous`: whether what was typed reaches far; then the web pages ask for a fresh sign-in.
    `only_reads`: whether what was typed is a try that writes nothing; it waits for no writer, and none
    waits for it.
    """

    form: type[F]
    who: Who
    does: str
    control: tuple[type[Control], ...]
    fn: Function[F, R]
    prepare: Prepare[F] | None = None
    first: bool = False
    in_person: bool = False
    dangerous: Callable[[F], bool] = never
    only_reads: Callable[[F], bool] = never

    async def __call__(
        self,
        store: Store,
        policy: Policy,
        form: F,
        *,
        via: Via,
        now: datetime,
        typed_by: TypedBy | None = None,
        key: str | None = None,
        session_id: int | None = None,
        look: Callable[[Session], Awaitable[None]] | None = None,
    ) -> R:
        """Find who acts, check that they may, and do it; everything in one transaction, or nothing.

        `typed_by` is the operating system's name for who typed it, where it came from a terminal. `key` is
        this handing in's own: what was recorded under it is not recorded again, and the receipt says so.
        `session_id` is the session of the web pages in which it was handed in. `look` is shown what it would
        have done, and nothing is kept.
        Raises NotAllowed naming who may, Unknown for an actor we do not have, and what the function raises.
        """
        refuse_unknown(form, policy)
        columns = await columns_for(store, form)
        material = None
        if self.prepare is not None:  # in a thread: a large file keeps nobody waiting
            material = await to_thread(self.prepare, form, policy, now, columns)
        columns.check()
        reads = look is None and self.only_reads(form)
        dry_run = look is not None or bool(getattr(form, "dry_run", False))
        async with store.read() if reads else trial(store, dry_run=dry_run) as session:
            if key is not None and (before := await handed_in(session, key, policy.zone)):
                return before  # type: ignore[return-value]  # only what gives a receipt has a key
            user, host = typed_by or (None, None)
            door = Actor(None, via, user, host=host, session=session_id)
            context = ActContext(session, policy, policy.calendar, door, now, material=material)
            begins = self.first and await _may_begin(context)
            door = replace(door, person_id=await _actor(session, form, begins))
            door = replace(door, recorded_by=await recorded_by(session, door, in_person=self.in_person))
            context = replace(context, actor=door)
            if begins:
                context = replace(context, begins=True)
            else:
                right = await self.who.require(context, form, self.does, self.clauses(policy))
                acting = replace(context.actor, in_name_of=right.deputy_for)
                context = replace(context, actor=acting, right=right)
            if reads:
                return await self.fn(context, form)
            await keep_columns(session, form, columns, context.actor.person_id, now)
            done = await self.fn(context, form)
            await context.apply(Outcome(told_of_it(context, self.does)))
            if key is not None and isinstance(done, Receipt):
                keep_key(session, key, type(form).__name__, done, now)
            if look is not None:
                await session.flush()
                await look(session)
            return done

    def clauses(self, policy: Policy) -> str:
        """The clauses that it serves, in brackets after a space; empty where the policy has none."""
        served = [policy.clause_of(one.name).id for kind in self.control for one in policy.of(kind)]
        return f" ({', '.join(dict.fromkeys(served))})" if served else ""


async def _may_begin(context: ActContext) -> bool:
    """Whether nobody who is here could give an office today, and this is who operates the machine.

    Without that way back, an installation whose last holder of such an office is gone would be of no use.
    """
    if await gives_offices(context.session, context.policy, context.today):
        return False
    return context.actor.via is Via.COMMAND or not await _anybody_stored(context.session)


async def _anybody_stored(session: Session) -> bool:
    found = await session.run(select(col(Person.id)).limit(1))
    return found.first() is not None


async def _actor(session: Session, form: ActForm, begins: bool) -> int | None:
    """The number of who acts; None for the first of all, who is not stored yet. Raises Unknown."""
    if begins and not await _anybody_stored(session):
        return None
    return await lookup.person_id(session, form.actor)


def act(
    form: type[F],
    *,
    who: Who,
    does: str,
    control: tuple[type[Control], ...],
    prepare: Prepare[F] | None = None,
    first: bool = False,
    in_person: bool = False,
    dangerous: Callable[[F], bool] = never,
    only_reads: Callable[[F], bool] = never,
) -> Callable[[Function[F, R]], Act[F, R]]:
    """Make an act of the function below. Its place among the commands and forms is in `tasks.acts.table`."""

    def made(function: Function[F, R]) -> Act[F, R]:
        return Act(form, who, does, control, function, prepare, first, in_person, dangerous, only_reads)

    return made


def described(found: Act[Any, Any]) -> str:
    """What the act is for, as its form says it, in one paragraph."""
    return " ".join((found.form.__doc__ or "").split())

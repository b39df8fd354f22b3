"""What every command has in common that hands something in: who says so, the form, the run that it wakes."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from deployments.cli.output import say_receipt
from deployments.cli.running import run
from schemas.forms import Form, read
from schemas.receipt import Receipt
from tasks import clock
from tasks.prefect.relay import relay
from tasks.runtime import Runtime

Email = Annotated[str, typer.Option("--as", help="Your e-mail address: who says so.")]

_WHO_SAYS_SO = frozenset({"requester", "decided_by", "person", "reported_by"})
F = TypeVar("F", bound=Form)


def read_form(form: type[F], values: dict[str, object]) -> F:
    """The form; a field that is wrong is called as its option is. Raises BadInput."""

    def option(field: str) -> str:
        return "--as" if field in _WHO_SAYS_SO else field.replace("_", " ")

    return read(form, values, option)


def hand_in(intake: Callable[[Runtime], Awaitable[Receipt]], *, as_json: bool) -> None:
    """Record, ask Prefect for the runs that it wakes, and say what happens next."""

    async def work(runtime: Runtime) -> Receipt:
        receipt = await intake(runtime)
        await relay(runtime.store, runtime.settings, clock.now())
        return receipt

    receipt = run(work)
    say_receipt(receipt, as_json=as_json)

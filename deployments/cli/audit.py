"""`steward audit`: whether the audit chain is whole, and the head to keep outside."""

import time
from typing import Annotated

import typer

from deployments.cli.output import Json, say
from deployments.cli.running import run
from schemas.errors import BadInput
from tasks.runtime import Runtime
from tasks.store import audit, verifying

_HASH_DIGITS = 64


def _hash(text: str) -> str:
    """A head's hash as it is stored. Raises BadInput."""
    given = text.strip().lower()
    if len(given) != _HASH_DIGITS or not set(given) <= set("0123456789abcdef"):
        raise BadInput(
            f"--head wants the {_HASH_DIGITS} hexadecimal digits that `steward audit head` printed, "
            f"and these are {len(given)} characters: copy it again."
        )
    return given


def verify(
    head: Annotated[
        str | None,
        typer.Option(help="The hash of a head that you kept outside: finds a cut-off end and an old copy."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Recompute every entry of the audit chain; exit code 1 and the first bad entry when it is broken."""
    kept = None if head is None else _hash(head)
    began = time.perf_counter()

    async def work(runtime: Runtime) -> audit.Head:
        return await verifying.verify(runtime.store, kept=kept)

    found = run(work)
    seconds = round(time.perf_counter() - began, 2)
    with_head = (
        "the head you kept is in it" if kept else "without a head kept outside, a cut-off end can't show"
    )
    say(
        {"entries": found.seq, "hash": found.hash, "kept_head_found": bool(kept) or None, "seconds": seconds},
        f"The audit chain is whole: {found.seq} entries in {seconds} s; {with_head}.\n"
        f"Its head is {found.hash}.",
        as_json=as_json,
    )


def show_head(as_json: Json = False) -> None:
    """Print the chain's newest entry, to be kept where whoever reaches this machine can't."""

    async def work(runtime: Runtime) -> audit.Head:
        async with runtime.store.read() as session:
            return await audit.head(session)

    found = run(work)
    say(
        {"seq": found.seq, "hash": found.hash},
        f"{found.seq} {found.hash}\n"
        "Keep this line on another machine or on paper: `steward audit verify --head HASH` shows with it "
        "that no later hand cut off the end of the chain or put an old copy back.",
        as_json=as_json,
    )

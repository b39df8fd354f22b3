"""`steward brake list`: what waits because a night would begin it for very many at once."""

from typing import Annotated

import typer

from deployments.cli.output import Json, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from tasks.brakes.listing import Question, questions
from tasks.runtime import Runtime


def brake_list(
    ended: Annotated[bool, typer.Option("--ended", help="Those that have ended too.")] = False,
    as_json: Json = False,
) -> None:
    """What waits until somebody has answered, because a night would begin it for very many at once."""

    async def work(runtime: Runtime) -> tuple[Question, ...]:
        return await questions(runtime.store, runtime.policy, ended=ended)

    found = run(work)
    if as_json:
        say_json(found)
        return
    if not found:
        echo("Nothing waits for an answer.")
        return
    table(
        (
            "question",
            Column("what waits", wraps=True),
            Column("because", wraps=True),
            "answer",
            Column("until", drop=1),
        ),
        [(one.question, one.what, one.because, one.answer, one.until) for one in found],
    )

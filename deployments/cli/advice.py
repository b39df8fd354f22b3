"""`steward advice`: the texts that are sent to people, answers to copy, and how far they have come."""

from typing import Annotated

import typer

from deployments.cli.output import Json, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo, echo_data
from policy.controls.advice import Advice
from policy.model import Policy
from tasks import clock
from tasks.guidance.listing import AdviceAt, advice_by_school
from tasks.runtime import Runtime
from tasks.store import lookup


async def _policy(runtime: Runtime) -> Policy:
    return runtime.policy


def advice_show(as_json: Json = False) -> None:
    """Every advice: to whom it goes, its points, and beside each the words of its clause."""
    policy = run(_policy, needs_store=False)
    shown = [(one, policy.text(text)) for one in policy.of(Advice) for text in one.texts]
    asks = {clause.id: clause.words or clause.asks or clause.title for clause in policy.clauses}
    if as_json:
        say_json(
            [
                {
                    "text": text.id,
                    "version": text.version,
                    "control": one.name,
                    "to": one.to,
                    "acknowledge": one.acknowledge,
                    "says": text.text,
                    "address": text.address,
                    "points": [
                        {"clause": point.clause, "words": asks[point.clause], "says": point.text}
                        for point in text.points
                    ],
                }
                for one, text in shown
            ]
        )
        return
    for one, text in shown:
        to = " and ".join(one.people) if one.to == "people" else "administrators"
        echo(f"{text.id}, version {text.version}, to {to} ({policy.number_of(one.name)})")
        echo_data(f"  {text.text or text.address}")
        table(
            ("clause", Column("its words", wraps=True), Column("our advice", wraps=True)),
            [(point.clause, asks[point.clause], point.text) for point in text.points],
        )
        echo("")


def replies(as_json: Json = False) -> None:
    """Answers that are ready to be copied, each with when it fits."""
    policy = run(_policy, needs_store=False)
    found = [reply for text in policy.texts for reply in text.replies]
    if as_json:
        say_json(found)
        return
    if not found:
        echo("The policy file has no answers to copy.")
    for one in found:
        echo_data(f"{one.when}:\n\n    {one.text}\n")


def advice_report(
    school: Annotated[str | None, typer.Option(help="Only this school: name or number.")] = None,
    as_json: Json = False,
) -> None:
    """How far each advice has come, by school: whom it concerns, who was sent it, who has answered."""

    async def work(runtime: Runtime) -> tuple[AdviceAt, ...]:
        today = runtime.policy.calendar.today(clock.now())
        async with runtime.store.read() as session:
            number = None if school is None else (await lookup.school(session, school)).id
            return await advice_by_school(session, runtime.policy, today, number)

    found = run(work)
    if as_json:
        say_json(found)
        return
    if not found:
        echo("No advice concerns anybody there.")
        return
    table(
        (
            Column("advice", wraps=True),
            Column("version", drop=1),
            Column("school", wraps=True),
            *("concerns", "sent", "asked", "answered"),
        ),
        [
            (
                one.text,
                one.version,
                one.school_name or "no school",
                one.concerns,
                one.sent,
                one.asked,
                one.acknowledged,
            )
            for one in found
        ],
    )

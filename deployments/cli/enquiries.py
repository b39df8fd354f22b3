"""`steward enquiry list` and `report`: what the public asked, and how soon it is answered."""

from datetime import timedelta
from typing import Annotated

import typer

from deployments.cli.listing import listed
from deployments.cli.output import All, Json, Limit, how_many, local, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from policy.model import Policy
from tasks import clock
from tasks.public.enquiry_listing import AnswersAt, Asked, answers_by_school, enquiries
from tasks.runtime import Runtime
from tasks.store.page import Page


def enquiry_list(
    school: Annotated[str | None, typer.Option(help="Only this school: name or number.")] = None,
    account: Annotated[str | None, typer.Option(help="Only this account: number or @handle.")] = None,
    ended: Annotated[bool, typer.Option("--ended", help="Those that have ended too.")] = False,
    limit: Limit = None,
    everything: All = False,
    as_json: Json = False,
) -> None:
    """What the public asked and waits for an answer, the earliest due first."""
    at_most = how_many(limit, everything=everything, as_json=as_json)

    async def work(runtime: Runtime) -> tuple[Page[Asked], Policy]:
        async with runtime.store.read() as session:
            found = await enquiries(
                session, clock.now(), at_most, school=school, account=account, ended=ended
            )
        return found, runtime.policy

    found, policy = run(work)
    listed(
        found,
        (
            "question",
            "account",
            Column("what is asked", wraps=True),
            "answer by",
            "late",
            Column("ended", drop=1),
        ),
        lambda one: (
            *(one.enquiry, f"{one.account} {policy.says_account(one.platform, one.handle)}"),
            *(one.asks, local(one.due_at, policy.zone)),
            *("late" if one.late else "", one.ended_as),
        ),
        empty="No question of the public waits for an answer.",
        as_json=as_json,
    )


def enquiry_report(
    days: Annotated[int, typer.Option(min=1, help="What was asked in so many days.")] = 90,
    as_json: Json = False,
) -> None:
    """How soon each school answers the public: in time, late, and what waits."""

    async def work(runtime: Runtime) -> tuple[AnswersAt, ...]:
        now = clock.now()
        today = runtime.policy.calendar.today(now)
        async with runtime.store.read() as session:
            return await answers_by_school(session, today, now - timedelta(days=days))

    found = run(work)
    if as_json:
        say_json(found)
        return
    if not found:
        echo("Nothing was asked in that time.")
        return
    table(
        (
            Column("school", wraps=True),
            "asked",
            "in time",
            "late",
            Column("closed", drop=1),
            "waiting",
            "overdue",
        ),
        [
            (
                one.school_name or "all schools",
                one.asked,
                one.in_time,
                one.late,
                one.closed,
                one.waiting,
                one.overdue,
            )
            for one in found
        ],
    )

"""`steward policy try`: the coming nights under a changed file, beside those under the policy in use."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from deployments.cli.output import Json, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from policy.model import Policy
from schemas.language import on_day
from tasks import clock
from tasks.adoption.adopt import Change, what_changes
from tasks.rehearsal import Happening, Rehearsal, only_under, rehearse
from tasks.runtime import Runtime


@dataclass(frozen=True)
class Tried:
    """What a file would change: both rehearsals, and what happens in one of them alone."""

    change: Change
    used: Rehearsal
    tried: Rehearsal

    @property
    def more(self) -> tuple[Happening, ...]:
        """What would happen, or happen earlier, because of the file."""
        return only_under(self.tried, self.used)

    @property
    def less(self) -> tuple[Happening, ...]:
        """What would happen no more, or later."""
        return only_under(self.used, self.tried)


def policy_try(
    file: Annotated[Path, typer.Argument(help="The policy file to try.")],
    days: Annotated[int, typer.Option(min=0, max=400, help="So many nights ahead.")] = 60,
    everyone: Annotated[bool, typer.Option("--all", help="Show each account and person.")] = False,
    as_json: Json = False,
) -> None:
    """Who would be asked and who would lose what under a changed policy file, and on which day.

    The coming nights are gone through twice on copies of the store, under the file and under the policy in
    use, as if nobody did anything meanwhile. The store is only read and no letter leaves. A night takes
    a second or two.
    """

    async def work(runtime: Runtime) -> Tried:
        now = clock.now()
        today = runtime.policy.calendar.today(now)
        change = await what_changes(runtime.store, runtime.policy, file, today)
        used, tried = [
            await rehearse(
                runtime.store, policy, runtime.settings, now=now, days=days, tell=partial(_tell, name)
            )
            for policy, name in ((change.used, "the policy in use"), (change.policy, file.name))
        ]
        return Tried(change, used, tried)

    tried = run(work)
    _untell()
    if as_json:
        say_json(
            {
                "differences": tried.change.differences,
                "until": tried.tried.until,
                "more": tried.more,
                "less": tried.less,
                "letters": {
                    "used": sum(tried.used.letters.values()),
                    "tried": sum(tried.tried.letters.values()),
                },
            }
        )
    else:
        _show(tried, file.name, everyone=everyone)


def _tell(name: str, day: date) -> None:
    """How far it is, on a terminal that shows it."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{name}: {day:%a %d %b %Y}")
        sys.stderr.flush()


def _untell() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")


def _show(tried: Tried, name: str, *, everyone: bool) -> None:
    change = tried.change
    if not change.differences:
        echo(f"{name} says what the adopted policy says, version {change.used.document.version}.")
        return
    for one in change.differences:
        echo(str(one))
    for said in change.modes:
        echo(said)
    echo()
    echo(f"If nobody did anything through {on_day(tried.tried.until)}, beside what happens anyway:")
    if not tried.more and not tried.less:
        echo("  nobody would be asked for anything else, and nobody would lose anything else.")
    for title, happened in (("More, or earlier", tried.more), ("No more, or later", tried.less)):
        if happened:
            echo()
            (_each if everyone else _summary)(title, happened, change)
    echo()
    _letters(tried)


def _summary(title: str, happened: Sequence[Happening], change: Change) -> None:
    """A line for each kind of thing: how many, from which day through which."""
    rows = []
    for (loss, what, control), group in groupby(sorted(happened, key=_kind), key=_kind):
        ones = list(group)
        days = sorted(one.on for one in ones)
        dues = sorted(one.due_on for one in ones if one.due_on is not None)
        rows.append(
            (
                len(ones),
                what if loss == 0 else f"asked: {what}, by {_span(dues)}",
                days[0],
                days[-1] if days[-1] != days[0] else "",
                _because(control, change),
            )
        )
    columns = ("how many", Column("what", wraps=True), "from", "to", Column("why", wraps=True))
    table(columns, rows, title=title)


def _each(title: str, happened: Sequence[Happening], change: Change) -> None:
    """A line for each account and person."""
    rows = [
        (
            one.on,
            one.what if one.is_loss else f"asked: {one.what}",
            change.policy.says_account(one.platform, one.handle) if one.handle else "",
            one.whose,
            one.due_on or "",
            _because(one.control, change),
        )
        for one in happened
    ]
    columns = (
        "on",
        Column("what", wraps=True),
        Column("account", wraps=True),
        Column("whose", wraps=True),
        "due",
        Column("why", wraps=True, drop=1),
    )
    table(columns, rows, title=title)


def _kind(one: Happening) -> tuple[int, str, str]:
    return (0 if one.is_loss else 1, one.what, one.control)


def _because(control: str, change: Change) -> str:
    """The clause, in the words of the file that is tried, else of the one in use."""
    policies: Iterable[Policy] = (change.policy, change.used)
    found = next((one for one in policies if one.number_of(control)), change.policy)
    return f"{found.number_of(control)} {found.title_of(control)}".strip()


def _span(days: Sequence[date]) -> str:
    first, last = days[0], days[-1]
    return str(first) if first == last else f"{first} to {last}"


def _letters(tried: Tried) -> None:
    """How many letters there would be, and the day with the most."""
    before, after = (sum(one.letters.values()) for one in (tried.used, tried.tried))
    echo(f"Letters in these days: {after:,}, and {before:,} under the policy in use.")
    if tried.tried.letters:
        day, most = max(tried.tried.letters.items(), key=lambda one: (one[1], one[0]))
        echo(f"Most on one day: {most:,}, on {on_day(day)}.")

"""`steward mail`: what Steward has written to people, as the local mail catcher has it, and what waits."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any

import typer

from deployments.cli.output import Json, local, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from deployments.local.environment import catches_mail
from deployments.local.mailbox import Caught, Letter, read
from policy.calendar import Calendar
from schemas.errors import StoreUnavailable, Unknown
from schemas.notices import NoticeState, Urgency
from schemas.settings import load as load_settings
from tasks import clock
from tasks.mail.reading import WaitingLetter, waiting_letter
from tasks.mail.waiting import WaitingNotice, waiting_notices
from tasks.runtime import Runtime

To = Annotated[str | None, typer.Option("--to", help="Only mail to this address, or a part of it.")]

#: So many are shown of each, the newest, where nobody asks for more.
_SHOWN = 20


def list_mail(
    to: To = None,
    everything: Annotated[bool, typer.Option("--all", help="Show all, and not only the newest.")] = False,
    as_json: Json = False,
) -> None:
    """The newest messages that were caught, and the newest that wait in the outbox, and why they wait."""
    caught = [one for one in read(load_settings().mailbox) if _is_to(one, to)]
    zone, waiting = run(lambda runtime: _outbox(runtime, to), needs_store=False)
    if as_json:
        say_json({"caught": [_summary(one) for one in caught], "waiting": waiting})
        return
    if caught:
        shown = caught if everything else caught[-_SHOWN:]
        rows = [
            (one.number, local(one.arrived, zone.zone), ", ".join(one.delivered_to), one.subject)
            for one in shown
        ]
        table(("no.", Column("arrived"), Column("to", wraps=True), Column("subject", wraps=True)), rows)
        _rest(len(shown), len(caught))
    else:
        echo("No mail was caught." if to is None else f"No mail to {to} was caught.")
    if waiting:
        echo()
        shown_waiting = waiting if everything else waiting[-_SHOWN:]
        held = [(row.notice, row.to, row.kind, row.why) for row in shown_waiting]
        table(
            (
                "notice",
                Column("to", wraps=True),
                Column("about", wraps=True),
                Column("waits", wraps=True),
            ),
            held,
            title=f"In the outbox: {len(waiting)}",
        )
        _rest(len(held), len(waiting))
        echo(f"To read one that waits: `steward mail show --waiting {waiting[-1].notice}`.")


def _rest(shown: int, in_all: int) -> None:
    """Say how to see the older ones."""
    if shown < in_all:
        echo(f"These are the newest {shown} of {in_all}: --all shows all, --to those to one address.")


def show_mail(
    which: Annotated[
        str, typer.Argument(help="A number of `steward mail list`: of what was caught or waits; or `latest`.")
    ],
    to: To = None,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="The number is that of a notice that waits in the outbox.")
    ] = False,
    html: Annotated[bool, typer.Option("--html", help="The HTML part instead of the text.")] = False,
    as_json: Json = False,
) -> None:
    """One message as its reader sees it; one that waits as its reader would get it now."""
    caught = [] if waiting else [one for one in read(load_settings().mailbox) if _is_to(one, to)]
    if which.isascii() and which.isdecimal() and all(one.number != int(which) for one in caught):
        _show_waiting(int(which), html=html, as_json=as_json)
        return
    one = _chosen(caught, which)
    if as_json:
        say_json({**_summary(one), "text": one.text, "html": one.html})
        return
    _show(one, html=html)


def _show_waiting(number: int, *, html: bool, as_json: bool) -> None:
    """A letter that has not left, and until when it waits."""
    now = clock.now()

    async def work(runtime: Runtime) -> tuple[WaitingLetter, Calendar]:
        async with runtime.store.read() as session:
            found = await waiting_letter(
                session,
                runtime.policy,
                runtime.settings,
                number,
                now=now,
                caught=catches_mail(runtime.settings),
            )
        return found, runtime.policy.calendar

    found, calendar = run(work)
    why, written = _why(found.waits, calendar, now), Letter.of(found.data)
    if as_json:
        summary = {
            "notices": found.notices,
            "not_shown": found.not_shown,
            "to": found.waits.to,
            "subject": written.subject,
            "waits": why,
        }
        say_json({**summary, "text": written.text, "html": written.html})
        return
    if not html:
        echo(f"Notice {number} has not left: {why}. This is how it reads now.")
        if others := [one for one in found.notices if one != number]:
            echo(f"One letter with {_numbers(others)}: they wait for the same person, to the same moment.")
        if found.not_shown:
            echo(f"Not shown: {_numbers(found.not_shown)}, about what only its reader reads.")
        echo()
    _show(written, html=html)


def _numbers(numbers: Sequence[int]) -> str:
    """Notices by their numbers."""
    said = ", ".join(map(str, numbers))
    return f"notice {said}" if len(numbers) == 1 else f"notices {said}"


def _show(one: Letter, *, html: bool) -> None:
    """A message as people read it."""
    if html:
        echo(one.html or "This message has no HTML part.")
        return
    for name in ("From", "To", "Reply-To", "Date", "Subject"):
        if name in one.message:
            echo(f"{name + ':':<10}{one.message[name]}")
    if one.attachments:
        echo(f"{'Attached:':<10}{', '.join(one.attachments)}")
    echo(f"\n{one.text.rstrip()}")


def _chosen(caught: Sequence[Caught], which: str) -> Caught:
    """Raises Unknown, with what there is."""
    if not caught:
        raise Unknown("No mail was caught yet: `steward mail list` shows what waits to leave.")
    if which == "latest":
        return caught[-1]
    for one in caught:
        if which.isascii() and which.isdecimal() and one.number == int(which):
            return one
    raise Unknown(
        f"There is no message {which[:20]!r}: give a number from {caught[0].number} to {caught[-1].number}, "
        "or `latest`."
    )


def _is_to(one: Caught, to: str | None) -> bool:
    return to is None or any(to.lower() in address.lower() for address in one.delivered_to)


def _summary(one: Caught) -> dict[str, Any]:
    return {
        "number": one.number,
        "arrived": one.arrived,
        "from": str(one.message.get("From", "")),
        "to": one.delivered_to,
        "subject": one.subject,
        "message_id": str(one.message.get("Message-ID", "")),
        "attachments": one.attachments,
    }


@dataclass(frozen=True)
class Held(WaitingNotice):
    """A notice that waits, and why, in a sentence."""

    why: str


async def _outbox(runtime: Runtime, to: str | None) -> tuple[Calendar, list[Held]]:
    """What has not left, the newest last; nothing where there is no store yet."""
    calendar = runtime.policy.calendar
    now = clock.now()
    if runtime.store.is_missing:
        return calendar, []
    try:
        async with runtime.store.read() as session:
            rows = await waiting_notices(session, to)
    except StoreUnavailable:
        return calendar, []
    newest_last = sorted(rows, key=lambda one: one.notice)
    return calendar, [Held(**asdict(one), why=_why(one, calendar, now)) for one in newest_last]


def _why(one: WaitingNotice, calendar: Calendar, now: datetime) -> str:
    """Why it has not left, for the person at the terminal."""
    if one.state == NoticeState.PARKED:
        reason = one.last_error or "no reason noted"
        return f"parked, a person must look: {reason}; once mended `steward mail release {one.notice}`"
    if one.state == NoticeState.SENDING:
        return "leaving now"
    if one.not_before <= now:
        return "leaves with the next delivery"
    until = local(one.not_before, calendar.zone)
    if one.attempts:
        return f"tried {one.attempts} times ({one.last_error or 'no answer'}), again {until}"
    if one.urgency == Urgency.LOW:
        return f"held until {until}: gathered into the daily digest"
    return f"held until {until}: outside working hours"

"""`steward mail`: what Steward has written to people, as the local mail catcher has it, and what waits."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any

import typer

from deployments.cli.output import Json, local, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo, echo_data
from deployments.local.mailbox import Caught, read
from policy.calendar import Calendar
from schemas.errors import StoreUnavailable, Unknown
from schemas.notices import NoticeState, Urgency
from schemas.settings import load as load_settings
from tasks import clock
from tasks.mail.waiting import WaitingNotice, waiting_notices
from tasks.runtime import Runtime

To = Annotated[str | None, typer.Option("--to", help="Only mail to this address, or a part of it.")]

_WAITING_SHOWN = 20


def list_mail(to: To = None, as_json: Json = False) -> None:
    """Every message that was caught, the oldest first, then what is still held and why."""
    caught = [one for one in read(load_settings().mailbox) if _is_to(one, to)]
    zone, waiting = run(lambda runtime: _outbox(runtime, to), needs_store=False)
    if as_json:
        say_json({"caught": [_summary(one) for one in caught], "waiting": waiting})
        return
    if caught:
        rows = [
            (one.number, local(one.arrived, zone.zone), ", ".join(one.delivered_to), one.subject)
            for one in caught
        ]
        table(
            ("no.", Column("arrived"), Column("to", wraps=True, drop=1), Column("subject", wraps=True)), rows
        )
    else:
        echo("No mail was caught." if to is None else f"No mail to {to} was caught.")
    if waiting:
        echo()
        held = [(row.notice, row.to, row.kind, row.why) for row in waiting[:_WAITING_SHOWN]]
        table(
            (
                "notice",
                Column("to", wraps=True, drop=1),
                Column("about", wraps=True),
                Column("waits", wraps=True),
            ),
            held,
            title=f"In the outbox: {len(waiting)}",
        )
        if len(waiting) > _WAITING_SHOWN:
            echo(f"… and {len(waiting) - _WAITING_SHOWN} more: --json shows all, --to fewer.")


def show_mail(
    which: Annotated[str, typer.Argument(help="A number of `steward mail list`, or `latest`.")],
    to: To = None,
    html: Annotated[bool, typer.Option("--html", help="The HTML part instead of the text.")] = False,
    as_json: Json = False,
) -> None:
    """One message as its reader sees it."""
    one = _chosen([one for one in read(load_settings().mailbox) if _is_to(one, to)], which)
    if as_json:
        say_json({**_summary(one), "text": one.text, "html": one.html})
        return
    if html:
        echo_data(one.html or "This message has no HTML part.")
        return
    for name in ("From", "To", "Reply-To", "Date", "Subject"):
        if name in one.message:
            echo_data(f"{name + ':':<10}{one.message[name]}")
    if one.attachments:
        echo(f"{'Attached:':<10}{', '.join(one.attachments)}")
    echo_data(f"\n{one.text.rstrip()}")


def _chosen(caught: Sequence[Caught], which: str) -> Caught:
    """Raises Unknown, with what there is."""
    if not caught:
        raise Unknown("No mail was caught yet: `steward mail list` also shows what waits to leave.")
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
    """What has not left, the next to leave first; nothing where there is no store yet."""
    calendar = runtime.policy.calendar
    now = clock.now()
    if runtime.store.is_missing:
        return calendar, []
    try:
        async with runtime.store.read() as session:
            rows = await waiting_notices(session, to)
    except StoreUnavailable:
        return calendar, []
    return calendar, [Held(**asdict(one), why=_why(one, calendar, now)) for one in rows]


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

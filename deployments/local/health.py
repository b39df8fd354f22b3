"""What a support person asks first: versions, clock, disk, rights, mail server, Prefect, and the store."""

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

from deployments.local import environment, ports
from deployments.local.rights_listed import look as look_at_rights
from deployments.migrations import current, newest
from policy.model import parse
from schemas.errors import MailRefused, StewardError
from schemas.settings import Settings
from tasks import clock
from tasks.health import Checked, of_the_store
from tasks.mail.smtp import Smtp
from tasks.prefect.api import PrefectApi, PrefectUnavailable, find
from tasks.runtime import opened
from tasks.store import adopted

#: An older one lacks fixes of security.
PYTHON = (3, 11, 9)
#: With less the store or Prefect's database may stop in the middle of a night.
FREE_BYTES = 2_000_000_000


def of_python(version: tuple[int, ...]) -> Checked:
    """Whether this Python has the fixes of security that are known."""
    said = ".".join(map(str, version[:3]))
    old = version[:3] < PYTHON
    return Checked(
        "Python", f"This is Python {said}.", "Update it: fixes of security are missing." if old else ""
    )


def of_the_clock(offset: timedelta, zone_differs: str | None) -> Checked:
    """Whether Steward's clock is the machine's, and the machine's zone data ours."""
    if offset:
        return Checked("clock", f"Steward's clock is moved by {offset}.", f"Take {clock.OFFSET} away.")
    if zone_differs:
        return Checked("clock", zone_differs, "The package of the operating system is called tzdata.")
    return Checked("clock", "Steward's clock is the machine's.")


def of_the_disk(free: int) -> Checked:
    """Whether there is room where the data are."""
    return Checked(
        "disk",
        f"{free / 1e9:.1f} GB are free where the data are.",
        "" if free >= FREE_BYTES else "Make room: a full disk stops the store in the middle of a night.",
    )


def of_the_browser(settings: Settings) -> Checked:
    """Whether a browser settles what the plain reading of a page leaves in doubt."""
    if not settings.page_browser:
        return Checked("browser", "No browser looks at pages: a person settles what is in doubt.")
    if os.access(settings.page_browser_program, os.X_OK):
        return Checked("browser", f"Pages in doubt are looked at with {settings.page_browser_program}.")
    return Checked(
        "browser",
        f"There is no browser at {settings.page_browser_program}.",
        "Install one (apt-get install chromium): else a person looks at nearly every page of a website.",
    )


async def look(settings: Settings, now: datetime) -> Sequence[Checked]:
    """Everything, in the order in which it would be asked. Nothing is changed. Raises BadPolicy."""
    home = settings.data_dir
    there = home if home.exists() else home.parent
    policy = parse(*adopted.text_now(settings))
    return (
        of_python(sys.version_info[:3]),
        of_the_clock(clock.offset(), policy.calendar.zone_data_differs(now)),
        of_the_disk(shutil.disk_usage(there).free),
        _of_the_rights(settings),
        of_the_browser(settings),
        await _of_the_mail_server(settings),
        await _of_prefect(settings),
        *await _of_the_store(settings, now),
    )


def _of_the_rights(settings: Settings) -> Checked:
    try:
        open_to_others = [one for one in look_at_rights(settings) if one.fault]
    except StewardError as error:
        return Checked("rights", str(error), "Start it once: `steward up`.")
    if open_to_others:
        says = f"{len(open_to_others)} files or sockets are open to others of this machine."
        return Checked("rights", says, "See which: `steward doctor rights`.")
    return Checked("rights", "Nothing is open to other users of this machine.")


async def _of_the_mail_server(settings: Settings) -> Checked:
    catches = environment.catches_mail(settings)
    if catches:  # as `up` tells its parts
        caught = {"smtp_host": ports.HOST, "smtp_port": settings.mail_port}
        settings = settings.model_copy(update=caught)
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    post = Smtp(settings, per_connection=1)
    try:
        await post.greet()
    except MailRefused as error:
        if catches:
            says = f"Steward does not run here, so nothing catches letters ({where}). They wait meanwhile."
            return Checked("mail", says, "Start it: `steward up`.")
        return Checked("mail", f"{where}: {error}", "See the STEWARD_SMTP_ settings. Letters wait meanwhile.")
    finally:
        await post.close()
    return Checked("mail", f"The mail server at {where} answers and takes the login.")


async def _of_prefect(settings: Settings) -> Checked:
    address = find(settings)
    if address is None:
        return Checked("Prefect", "There is no Prefect here.", "Start `steward up`, or set PREFECT_API_URL.")
    try:
        async with PrefectApi(*address) as api:
            await api.call("GET", "health")
    except PrefectUnavailable as error:
        return Checked("Prefect", str(error), "Start it: `steward up`. What happens meanwhile waits.")
    return Checked("Prefect", "Prefect answers.")


async def _of_the_store(settings: Settings, now: datetime) -> Sequence[Checked]:
    try:
        found = await asyncio.to_thread(current, settings.store_url)
        if found != newest():
            says = f"The store stands at revision {found}, and this Steward needs {newest()}."
            return (Checked("store", says, "Make a backup, then `steward up`: it brings it up to date."),)
        async with opened(settings) as runtime:
            return (
                Checked("store", f"The store answers, at revision {found}."),
                *await of_the_store(runtime, now),
            )
    except StewardError as error:
        return (Checked("store", str(error), "Until it is back nothing is kept and nothing is lost."),)

"""The waiting room: whose move it is now, as a table in Prefect's interface that every run keeps current."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from prefect import get_client
from prefect.artifacts import acreate_table_artifact
from prefect.client.schemas.actions import ArtifactUpdate
from prefect.client.schemas.filters import ArtifactCollectionFilter, ArtifactCollectionFilterKey

from flows.naming import at
from tasks.items.waiting_room import Room
from tasks.prefect import run_tasks

KEY = "waiting-room"
#: Rows of the table. Beyond, `steward status` has all of them.
ROWS_SHOWN = 200


async def refresh_waiting_room(now: datetime, zone: ZoneInfo, *, anew: bool = False) -> None:
    """Write who is waited for at `now`.

    In place of what the last run wrote, so that runs every few minutes leave no row each; `anew` where the
    table is to be among the artifacts of this very run.
    """
    room = await run_tasks.look_into_waiting_room(now, ROWS_SHOWN)
    table, said = waiting_room_table(room), f"{_said(room)} As of {at(now, zone)}."
    if not anew:
        async with get_client() as client:
            found = await client.read_latest_artifacts(
                artifact_filter=ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=[KEY])), limit=1
            )
            if found:
                await client.update_artifact(
                    found[0].latest_id, ArtifactUpdate(data=json.dumps(table), description=said)
                )
                return
    await acreate_table_artifact(table, key=KEY, description=said)


def _said(room: Room) -> str:
    if not room.in_all:
        return "Nobody is waited for."
    shown = len(room.waiting)
    first = "" if shown == room.in_all else f" These are the {shown} that wait longest."
    items = "item" if room.in_all == 1 else "items"
    return f"{room.in_all} open action {items}.{first} `steward status` has the names."


def waiting_room_table(room: Room) -> list[dict[str, Any]]:
    """The waiting room as rows of a table, the longest overdue first."""
    return [
        {
            "due": one.due_on.isoformat(),
            "days late": one.days_late,
            "what": one.what,
            "about": one.about,
            "who": one.who,
            "reminders": one.reminders,
            "climbed to": one.climbed_to,
            "since": one.since.isoformat(),
            "control": one.control,
            "item": one.item,
        }
        for one in room.waiting
    ] or [{"who": "nobody"}]

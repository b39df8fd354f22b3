"""Statements of a learning-record store: forwarded to `/xapi/statements`, taken in as completions.

It is no store: it keeps no statement and gives none out. Whoever forwards proves it with a secret of the
settings, and what comes is recorded in the name of the person of the settings, whose office must allow it.
"""

import asyncio
import json
import secrets
import tempfile
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portal.asking import ground
from portal.guard import STATEMENTS
from schemas.errors import BadInput, NotAllowed, StewardError, StoreUnavailable
from schemas.settings import Settings
from schemas.words import Via

_VERSION = {"X-Experience-API-Version": "1.0.3"}


def _refusal(status: int, what: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": what}, status_code=status, headers={**_VERSION, **(headers or {})})


def _may(request: Request, settings: Settings) -> bool:
    """Whether the secret of the settings came with it. Both parts are compared in the same time."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        user, _, word = b64decode(given, validate=True).decode().partition(":")
    except (NotBase64, ValueError):
        return False
    wanted, secret = settings.portal_xapi_as or "", settings.portal_xapi_secret
    right = secrets.compare_digest(word.encode(), secret.get_secret_value().encode() if secret else b"")
    return (
        secrets.compare_digest(user.lower().encode(), wanted.lower().encode()) and right and kind == "Basic"
    )


async def about(request: Request) -> Response:
    """Which versions of xAPI are understood."""
    if not ground(request).settings.portal_xapi_secret:
        raise HTTPException(404)
    return JSONResponse({"version": ["1.0.3"]}, headers=_VERSION)


async def take(request: Request) -> Response:
    """Take statements in: all of them, or none where one can't be used; each bad one is named."""
    here = ground(request)
    if not here.settings.portal_xapi_secret:
        raise HTTPException(404)
    if not _may(request, here.settings):
        return _refusal(401, "the user or the secret is wrong", {"WWW-Authenticate": 'Basic realm="xAPI"'})
    said = request.headers.get("x-experience-api-version", "1.0.3")
    if not said.startswith(("1.0", "2.0")):
        return _refusal(400, f"xAPI 1.0 and 2.0 are understood, not {said[:20]!r}")
    if not request.headers.get("content-type", "").startswith("application/json"):
        return _refusal(415, "statements are application/json; attachments are not taken")
    try:
        text, ids = _with_ids(await request.body(), request.query_params.get("statementId"))
        await _record(request, text)
    except StewardError as error:
        answers = ((StoreUnavailable, 503), (NotAllowed, 403), (StewardError, 400))
        return _refusal(next(status for kind, status in answers if isinstance(error, kind)), str(error))
    relay = BackgroundTask(here.relay_now)
    if request.method == "PUT":
        return Response(status_code=204, headers=_VERSION, background=relay)
    return JSONResponse(ids, headers=_VERSION, background=relay)


def _with_ids(content: bytes, put: str | None) -> tuple[str, list[str]]:
    """The statements with an id each, as the specification has a receiver give them. Raises BadInput."""
    try:
        whole: Any = json.loads(content)
    except (ValueError, RecursionError):
        raise BadInput("this is no JSON") from None
    every = whole if isinstance(whole, list) else [whole]
    if not all(isinstance(one, dict) for one in every):
        raise BadInput("a statement is an object")
    for one in every:
        one.setdefault("id", put or str(uuid4()))
    return json.dumps(every), [str(one["id"]) for one in every]


async def _record(request: Request, text: str) -> None:
    here = ground(request)
    # loaded beside the loop with the first statement: few have such a store
    room = await asyncio.to_thread(import_module, "tasks.training.import_completions")
    with tempfile.TemporaryDirectory(dir=here.settings.data_dir) as folder:
        file = Path(folder) / "statements"
        await asyncio.to_thread(file.write_text, text)
        form = room.TrainingImportForm(actor=here.settings.portal_xapi_as or "", file=file, forwarded=True)
        await room.import_training(here.store, await here.policy(), form, via=Via.PORTAL, now=here.now())


ROUTES = [
    Route("/xapi/about", about),
    Route(STATEMENTS, take, methods=["POST", "PUT"]),
]

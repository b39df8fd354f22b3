"""Pages for everybody: whether an account is really the school's, the list and its changes. Nobody's name."""

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from policy.verifying import LONGEST, Answer, Listed, Register
from portal.asking import ground
from portal.ground import Ground
from portal.pages import page
from portal.pictures import badge, feed
from tasks.accounts.register import public_changes, public_register
from tasks.files.export import to_csv

#: How long a change may stay unseen by the public, here and in what others keep. Where the list takes seconds
#: to read, it is read a twentieth of the time, and each few minutes at least.
_GOOD_FOR, _REST, _LONGEST_KEPT = timedelta(seconds=10), 20, timedelta(minutes=5)
_KEPT_BY_OTHERS = "public, max-age=60"
#: Anybody's page may read it: it is for that.
_FOR_ALL = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": _KEPT_BY_OTHERS,
}
#: Changes that the feed has.
_CHANGES = 50
_FIELDS = ("platform", "handle", "address", "platform_id", "run_by", "level", "state", "since")


class Kept:
    """The list as it was a moment ago, with its files: everybody who asks reads the same."""

    def __init__(self) -> None:
        self._register: Register | None = None
        self._until: datetime | None = None
        self._read_at: datetime | None = None
        self._files: dict[str, bytes] = {}
        self._reading, self._making = asyncio.Lock(), asyncio.Lock()

    async def register(self, here: Ground) -> Register:
        """At most some seconds old; one that takes seconds to read, some minutes. Raises StoreUnavailable.

        One request reads it. Those that ask meanwhile are answered by the one before; the first ones wait.
        """
        if self._register is not None and self._reading.locked():
            return self._register
        async with self._reading:
            now = here.now()
            if self._register is None or not self._is_good(now):
                begun = time.monotonic()
                self._register = await public_register(here.store, await here.policy())
                took = timedelta(seconds=time.monotonic() - begun)
                self._read_at, self._files = here.now(), {}
                self._until = self._read_at + min(max(_GOOD_FOR, _REST * took), _LONGEST_KEPT)
            return self._register

    def _is_good(self, now: datetime) -> bool:
        return self._read_at is not None and self._until is not None and self._read_at <= now < self._until

    async def file(self, here: Ground, form: str, make: Callable[[Register], Awaitable[bytes]]) -> bytes:
        """A file of the list, made by one of those who ask for it. Raises StoreUnavailable."""
        register = await self.register(here)
        async with self._making:
            files = self._files
            if form not in files:
                files[form] = await make(register)
            return files[form]


def kept(request: Request) -> Kept:
    """The list of this process."""
    state = request.app.state
    if not hasattr(state, "public"):
        state.public = Kept()
    found: Kept = state.public
    return found


def _shown(one: Listed) -> dict[str, Any]:
    return {name: value for name, value in asdict(one).items() if name in _FIELDS}


def said(answer: Answer) -> str:
    """The answer in a word or two. Nobody is ever called a fake: the list may be late."""
    if not answer.found:
        return "not on our list"
    return "official" if any(one.state == "live" for one in answer.found) else "suspended"


async def verify(request: Request) -> Response:
    """The question, and its answer."""
    asked = request.query_params.get("q", "")[:LONGEST]
    register = await kept(request).register(ground(request))
    answer = register.asked(asked)
    return await page(
        request,
        "verify.html",
        asked=asked,
        answer=answer,
        said=said(answer),
        count=len(register),
        home=ground(request).settings.portal_address,
    )


async def verify_json(request: Request) -> Response:
    """The same for programs."""
    asked = request.query_params.get("q", "")[:LONGEST]
    answer = (await kept(request).register(ground(request))).asked(asked)
    given = {"asked": asked, "answer": said(answer), "accounts": [_shown(one) for one in answer.found]}
    return _with_tag(request, _json(given), "application/json")


async def accounts(request: Request) -> Response:
    """The whole list, as JSON or CSV."""
    here = ground(request)
    form = request.url.path.rpartition(".")[2]
    name = (await here.policy()).organization.name

    async def made(register: Register) -> bytes:
        return await asyncio.to_thread(_whole, form, name, register)

    body = await kept(request).file(here, form, made)
    return _with_tag(request, body, "application/json" if form == "json" else "text/csv; charset=utf-8")


def _whole(form: str, organization: str, register: Register) -> bytes:
    """The file. Account by account, since all of them at once take four times its size."""
    if form == "csv":
        return to_csv(_FIELDS, ([_shown(one)[name] for name in _FIELDS] for one in register)).encode(
            "utf-8-sig"
        )
    head, _, foot = _json({"organization": organization, "accounts": [0]}).rpartition(b"  0")
    each = (_json(_shown(one)).replace(b"\n", b"\n  ") for one in register)
    whole = b"".join((head, b"  ", b",\n  ".join(each), foot))
    return whole if len(register) else _json({"organization": organization, "accounts": []})


async def changes(request: Request) -> Response:
    """What came to the list, was suspended, came back or went, as an Atom feed."""
    here = ground(request)

    async def made(_register: Register) -> bytes:
        policy = await here.policy()
        async with here.store.read() as session:
            found = await public_changes(session, policy, _CHANGES)
        return feed(found, policy.organization.name, here.settings.portal_address)

    return _with_tag(
        request, await kept(request).file(here, "atom", made), "application/atom+xml; charset=utf-8"
    )


async def show_badge(request: Request) -> Response:
    """A picture for a school's own site: whether an account is official at this moment."""
    asked = request.query_params.get("q", "")[:LONGEST]
    answer = (await kept(request).register(ground(request))).asked(asked)
    found = answer.found[0] if len(answer.found) == 1 else None
    return _with_tag(request, badge(found.handle if found else "", said(answer)), "image/svg+xml")


async def pointer(request: Request) -> Response:
    """Where programs find the list: at an address that is the same everywhere."""
    here = ground(request)
    home = here.settings.portal_address
    given = {
        "organization": (await here.policy()).organization.name,
        "verify": f"{home}/api/v1/verify.json?q={{q}}",
        "accounts": f"{home}/api/v1/accounts.json",
        "table": f"{home}/api/v1/accounts.csv",
        "changes": f"{home}/api/v1/changes.atom",
        "page": f"{home}/verify",
        "report": f"{home}/report",
    }
    return _with_tag(request, _json(given), "application/json")


def _json(given: object) -> bytes:
    return json.dumps(given, ensure_ascii=False, indent=1, default=str).encode()


def _with_tag(request: Request, body: bytes, kind: str) -> Response:
    """The body, or that it is as it was."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, **_FOR_ALL}
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, headers={**headers, "Content-Type": kind})


ROUTES = [
    Route("/verify", verify),
    Route("/api/v1/verify.json", verify_json),
    Route("/api/v1/accounts.json", accounts),
    Route("/api/v1/accounts.csv", accounts),
    Route("/api/v1/changes.atom", changes),
    Route("/api/v1/badge.svg", show_badge),
    Route("/.well-known/official-accounts.json", pointer),
]

"""Pages for everybody: whether an account is really the school's, and the list. Nothing of any person."""

import hashlib
import json
from collections.abc import Sequence
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
from tasks.accounts.register import public_register
from tasks.files.export import to_csv

#: How long a change may stay unseen by the public, here and in what others keep.
_GOOD_FOR = timedelta(seconds=10)
_KEPT_BY_OTHERS = "public, max-age=60"
#: Anybody's page may read it: it is for that.
_FOR_ALL = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": _KEPT_BY_OTHERS,
}
_FIELDS = ("platform", "handle", "address", "platform_id", "run_by", "level", "state", "since")


class Kept:
    """The list as it was a moment ago, with its two files: everybody who asks reads the same."""

    def __init__(self) -> None:
        self._register: Register | None = None
        self._read_at: datetime | None = None
        self.files: dict[str, bytes] = {}

    async def register(self, here: Ground) -> Register:
        """At most some seconds old. Raises StoreUnavailable."""
        now = here.now()
        if self._register is None or self._read_at is None or now - self._read_at >= _GOOD_FOR:
            policy = await here.policy()
            async with here.store.read() as session:
                self._register = await public_register(session, policy)
            self._read_at, self.files = now, {}
        return self._register


def _kept(request: Request) -> Kept:
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
    register = await _kept(request).register(ground(request))
    answer = register.asked(asked)
    return await page(
        request, "verify.html", asked=asked, answer=answer, said=said(answer), count=len(register.listed)
    )


async def verify_json(request: Request) -> Response:
    """The same for programs."""
    asked = request.query_params.get("q", "")[:LONGEST]
    answer = (await _kept(request).register(ground(request))).asked(asked)
    given = {"asked": asked, "answer": said(answer), "accounts": [_shown(one) for one in answer.found]}
    return _with_tag(request, _json(given), "application/json")


async def accounts(request: Request) -> Response:
    """The whole list, as JSON or CSV."""
    kept, here = _kept(request), ground(request)
    form = request.url.path.rpartition(".")[2]
    register = await kept.register(here)
    if form not in kept.files:
        listed = register.listed
        if form == "json":
            name = (await here.policy()).organization.name
            kept.files[form] = _json({"organization": name, "accounts": [_shown(one) for one in listed]})
        else:
            kept.files[form] = _csv(listed)
    return _with_tag(
        request, kept.files[form], "application/json" if form == "json" else "text/csv; charset=utf-8"
    )


def _json(given: object) -> bytes:
    return json.dumps(given, ensure_ascii=False, indent=1, default=str).encode()


def _csv(listed: Sequence[Listed]) -> bytes:
    return to_csv(_FIELDS, [[_shown(one)[name] for name in _FIELDS] for one in listed]).encode("utf-8-sig")


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
]

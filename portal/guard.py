"""What stands around every page: headers, no posts from other sites, one line of log without names."""

import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal import metrics

log = structlog.get_logger("steward.portal")

#: Nothing from anywhere else, nothing inline, nothing framed.
CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_YEAR = "max-age=31536000"
#: Where a learning-record store sends statements: its proof is a secret, and it is no browser.
STATEMENTS = "/xapi/statements"
#: The other is asked by our own client: its proof is the verifier of who began the sign-in.
FOR_SERVERS = frozenset({"/sample-provider/token", STATEMENTS})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_MOST_BYTES = 1_000_000
#: Uploads of imports alone are larger.
_UPLOADS, _MOST_UPLOADED = "/imports/", 64_000_000


class Guard:
    """The outermost layer of ours. `secure`: people come by https."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app, self.secure = app, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with headers; log how it went."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = time.monotonic(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._head(MutableHeaders(scope=message), scope)
            await send(message)

        try:
            refused = _refused(scope, secure=self.secure)
            if refused is not None:
                await refused(scope, receive, sending)
            else:
                await self.app(scope, _limited(scope, receive), sending)
        finally:
            route = getattr(scope.get("route"), "path", "none")  # the pattern: no address, no name, no query
            seconds = time.monotonic() - begun
            metrics.note(scope["method"], route, status, seconds)
            log.info(
                "portal.answered",
                method=scope["method"],
                route=route,
                status=status,
                milliseconds=round(seconds * 1000, 1),
            )

    def _head(self, headers: MutableHeaders, scope: Scope) -> None:
        for name, value in _HEADERS.items():
            headers.setdefault(name, value)
        headers.setdefault("Cache-Control", "no-store")
        if self.secure:
            headers.setdefault("Strict-Transport-Security", _YEAR)
        if scope["path"].startswith("/static/"):
            headers["Cache-Control"] = f"public, {_YEAR}, immutable" if scope["query_string"] else "no-cache"


class TooLarge(Exception):
    """More was sent than any page of ours sends."""


def _limited(scope: Scope, receive: Receive) -> Receive:
    most = _MOST_UPLOADED if scope["path"].startswith(_UPLOADS) else _MOST_BYTES
    taken = 0

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise TooLarge
        return message

    return receiving


def _refused(scope: Scope, *, secure: bool) -> PlainTextResponse | None:
    """The answer to what another site's page sends in somebody's name; None for what may pass."""
    if scope["path"] in FOR_SERVERS or scope["method"] in _SAFE or _from_here(scope, secure=secure):
        return None
    return PlainTextResponse(
        "This did not come from a page of ours, so nothing was done. Open the page again and send it there.",
        status_code=403,
    )


def _from_here(scope: Scope, *, secure: bool) -> bool:
    """Whether the browser says that a page of ours sent this. One that says nothing is not believed."""
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return headers.get("origin") == f"{'https' if secure else 'http'}://{headers.get('host')}"

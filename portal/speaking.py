"""In which language a page speaks: as the person chose, else this browser, else as the browser asks."""

from collections.abc import Mapping

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from schemas.language import LANGUAGES, SOURCE, known, speaking, spoken

COOKIE = "steward-language"
#: The cookie of a language that was chosen just before a sign-in.
CHOSEN = "chosen-language"


def others() -> Mapping[str, str]:
    """The languages that are not spoken now, by code: offered at the foot of a page."""
    return {code: name for code, name in LANGUAGES.items() if code != spoken()}


class Speaking:
    """The layer that sets the language of a request; whoever is signed in may have chosen another one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on, in the language of the browser."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with speaking(wanted(HTTPConnection(scope))):
            await self.app(scope, receive, send)


def wanted(asked: HTTPConnection) -> str:
    """What this browser chose here, or the first language of ours that it asks for."""
    chosen = asked.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return known(chosen)
    ranked = []
    for part in asked.headers.get("accept-language", "")[:200].split(","):
        name, _, given = part.strip().partition(";q=")
        try:
            weight = float(given or 1)
        except ValueError:
            continue
        if 0 < weight <= 1:  # what weighs nothing is not wanted
            ranked.append((-weight, name.split("-")[0].lower()))
    return next((name for _, name in sorted(ranked, key=lambda one: one[0]) if name in LANGUAGES), SOURCE)

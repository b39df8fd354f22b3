"""The two cookies: the session's, and that of a sign-in under way."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from portal import asking
from portal.asking import cookie, drop_cookie, ground, keep_cookie
from portal.pages import go_to
from portal.speaking import CHOSEN
from schemas.language import LANGUAGES
from schemas.words import SignInWay
from tasks.people.language import choose
from tasks.sign_in import attempts, sessions

_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
_BROWSERS = {"Edg/": "Edge", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}


def under_way(request: Request) -> str:
    """The word of this browser's sign-in under way; empty where it began none."""
    return cookie(request, "sign-in")


def begun(request: Request, response: Response, token: str) -> Response:
    """The same response, with the cookie of a sign-in that begins."""
    keep_cookie(request, response, "sign-in", token, attempts.LASTS)
    return response


async def signed_in(request: Request, person: int, way: SignInWay, back_to: str) -> Response:
    """Begin a session under a new word, whatever the browser had before, and go where it wanted to.

    The session that this browser had ends. A language that was chosen just before is the person's now.
    """
    here = ground(request)
    if before := await asking.signed_in(request):
        await sessions.end(here.store, before, before.session, here.now())
    lasts = timedelta(hours=here.settings.portal_session_hours)
    token = await sessions.begin(
        here.store,
        person,
        way,
        now=here.now(),
        lasts=lasts,
        browser=_browser(request.headers.get("user-agent", "")),
    )
    if (language := cookie(request, CHOSEN)) in LANGUAGES:
        await choose(here.store, person, language)
    answer = go_to(back_to)
    keep_cookie(request, answer, "session", token, lasts)
    for what in ("sign-in", CHOSEN):
        drop_cookie(request, answer, what)
    return answer


def _browser(agent: str) -> str:
    """How somebody knows their browser: Firefox on Android."""
    system = next((one for one in _SYSTEMS if one in agent), "")
    browser = next((name for mark, name in _BROWSERS.items() if mark in agent), "a browser")
    return f"{browser} on {system}" if system else browser

"""Errors as pages: what happened, what was kept, what to do; and what was typed comes back."""

import traceback
from pathlib import Path
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from portal.answers import not_theirs, words_of
from portal.asking import NotSignedIn, NotTheirs, SignInAgain, ground, sign_in_path, typed
from portal.guard import TooLarge
from portal.naming import named
from portal.pages import bare_page, go_to, page
from portal.saying import in_page_words
from schemas.errors import (
    AlreadyDone,
    BadInput,
    NotAllowed,
    NotNow,
    StewardError,
    StoreUnavailable,
    Unknown,
)
from schemas.language import later, said, t
from schemas.settings import ROOT

log = structlog.get_logger("steward.portal")

_TITLES = {
    400: later("This can't be used as it is"),
    401: later("You are signed out"),
    403: later("This is not yours to do"),
    404: later("There is no such page"),
    405: later("This page is only to be read"),
    409: later("It is different by now"),
    413: later("This is too large"),
    429: later("That was very often"),
    500: later("Something went wrong here"),
    503: later("Steward can't be reached just now"),
}
#: Signing in although one is signed in, and then the page that leads back to the tab before.
AGAIN = "/sign-in?again=1&next=/signed-in"
#: From this status on something here is broken or away: nothing is asked of the store.
_OURS = 500
_NO_SUCH_METHOD = 405
#: What is sent again to what is not there, or takes nothing, is refused again: it is only shown.
_IN_VAIN = frozenset({404, 405})
_NOT_FOUND = later("That was not found")
_NOTHING_KEPT = later("Nothing was recorded.")


def status_of(error: Exception) -> int:
    """The status code that fits an error of ours."""
    for kinds, status in (
        ((NotAllowed,), 403),
        ((Unknown,), 404),
        ((NotNow, AlreadyDone), 409),
        ((StoreUnavailable,), 503),
        ((BadInput,), 400),
    ):
        if isinstance(error, kinds):
            return status
    return 500


async def error_page(
    request: Request,
    status: int,
    says: str,
    *,
    kept: str = _NOTHING_KEPT,
    title: str = "",
    sign_in: str = "",
) -> Response:
    """A page about an error. What was typed is in it, ready to be sent again under the same key."""
    sent = [one for one in typed(request) if one[0] != "confirmed"]  # what would happen is shown again
    shown: dict[str, Any] = {
        "title": t(title or _TITLES.get(status, _TITLES[500])),
        "says": says,
        "kept": t(kept) if request.method == "POST" or typed(request) else "",
        "typed": sent if status not in _IN_VAIN else [],
        "again": request.url.path,
        "words": words_of(sent) if status in _IN_VAIN else [],
        "sign_in": sign_in,
        "sign_in_says": t("Sign in (opens a new tab)"),
    }
    if status < _OURS:
        try:
            return await page(request, "error.html", status=status, **shown)
        except StewardError:  # the store went away meanwhile: without anybody's name
            pass
    return bare_page("error.html", status=status, **shown)


async def refused(request: Request, error: Exception) -> Response:
    """An error of ours: its sentence says what to do."""
    status = status_of(error)
    if isinstance(error, StoreUnavailable):
        log.warning("portal.store_unavailable")
        answer = await error_page(request, status, said(str(error)))
        answer.headers["Retry-After"] = "30"
        return answer
    says = await named(request, in_page_words(error)) if isinstance(error, StewardError) else said(str(error))
    return await error_page(request, status, says, title=_NOT_FOUND if isinstance(error, Unknown) else "")


async def signed_out(request: Request, _error: Exception) -> Response:
    """Send who only reads to the sign-in, and back; keep what was typed for who sends."""
    if request.method != "POST":
        return go_to(sign_in_path(request))
    return await error_page(
        request,
        401,
        t(
            "Your session has ended. "
            "Sign in again in another tab, come back to this one, and send it once more."
        ),
        sign_in=sign_in_path(request),
    )


async def again(request: Request, _error: Exception) -> Response:
    """Ask for a fresh sign-in in another tab: this one keeps what was typed."""
    minutes = round(ground(request).settings.portal_fresh_minutes)
    return await error_page(
        request,
        401,
        t(
            "This reaches far, so it asks who you are once more: "
            "your sign-in is older than {minutes} minutes. "
            "Sign in in another tab, come back to this one, and send it again.",
            minutes=minutes,
        ),
        title=later("Sign in once more"),
        sign_in=AGAIN,
    )


async def other(request: Request, error: Exception) -> Response:
    """An address that is none of ours, or a method that a page does not have."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    sends = request.method not in {"GET", "HEAD"}
    title = later("This is done by a button") if status == _NO_SUCH_METHOD and not sends else ""
    says = {
        404: t("The address may be mistyped, or what it was about is gone."),
        _NO_SUCH_METHOD: t("Nothing can be sent to it. Open it from your own page.")
        if sends
        else t("Go back and use the button of the page."),
        413: t("This is more than is kept: write less, and send it again."),
    }.get(status, t("The browser sent something that no page of ours sends."))
    return await error_page(request, status, says, title=title)


async def too_large(request: Request, _error: Exception) -> Response:
    """More was sent than a page takes."""
    return await error_page(
        request,
        413,
        t("Files have 64 MB at most all together, and a form 1 MB: send less at once."),
    )


async def cut_off(request: Request, _error: Exception) -> Response:
    """The browser went away before everything had arrived; hardly anybody sees this page."""
    return await error_page(request, 400, t("Only a part of it arrived: send it again."))


async def broken(request: Request, error: Exception) -> Response:
    """A defect of ours. The log has its kind; the page has no word of it."""
    log.error("portal.broken", kind=type(error).__name__, where=_where(error))
    return await error_page(
        request,
        500,
        t("It is a mistake of ours, and the log has it. Try again, and say so to whoever runs this service."),
    )


def _where(error: Exception) -> str:
    """The last place of ours that it came through. A whole trace could hold what people typed."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [one for one in frames if Path(one.filename).is_relative_to(ROOT)]
    return f"{Path(ours[-1].filename).relative_to(ROOT)}:{ours[-1].lineno}" if ours else "elsewhere"


HANDLERS = {
    NotSignedIn: signed_out,
    NotTheirs: not_theirs,
    SignInAgain: again,
    ClientDisconnect: cut_off,
    StewardError: refused,
    HTTPException: other,
    TooLarge: too_large,
    Exception: broken,
}

"""Answers to forms at addresses of their own; and what one person typed and another one sent.

Several people use one browser. A page that was opened by one of them and is sent after another signed in is
recorded in nobody's name. What was typed there is kept for who typed it, and shown to them alone.
"""

from collections.abc import Sequence
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from portal.asking import MADE_FOR, NotTheirs, typed
from portal.kept import find, keep_for, with_cookie
from portal.pages import page
from schemas.language import t

#: What a form carries beside what people type, and what is asked anew.
_NOT_TYPED = frozenset({"key", "back", "page", "to", "then", "seen", "revision", MADE_FOR, "confirmed"})
_ASKED_ANEW = frozenset({MADE_FOR, "confirmed"})


def words_of(sent: Sequence[tuple[str, str]]) -> list[str]:
    """What people typed, of what a form carried."""
    return [value for name, value in sent if value and name not in _NOT_TYPED]


async def not_theirs(request: Request, error: Exception) -> Response:
    """Somebody else is signed in than the form was made for. Shows nothing of what was typed."""
    sent = [one for one in typed(request) if one[0] not in _ASKED_ANEW]
    owner = error.owner if isinstance(error, NotTheirs) else None
    at = await keep_for(request, owner, sent, request.url.path) if owner is not None and sent else ""
    said = await page(
        request,
        "error.html",
        status=403,
        title=t("Somebody else is signed in now"),
        says=t(
            "This page was made for somebody else than who is signed in here now. "
            "What they typed is not sent in your name."
        ),
        kept=t("Nothing was recorded."),
        typed=[],
        words=[],
        again="",
        sign_in=f"/sign-in?again=1&next={quote(at)}" if at else "",
        sign_in_says=t("It is mine: sign in and find it (opens a new tab)"),
    )
    return with_cookie(request, said) if at else said


async def answer(request: Request) -> Response:
    """What a form was answered with, as it was then; or what one typed before somebody else signed in."""
    found = await find(request, str(request.path_params["key"])) or {}
    if "answer" in found:
        return HTMLResponse(found["answer"], status_code=found["status"])
    if "sent" not in found:
        raise HTTPException(404)
    return await page(
        request,
        "error.html",
        title=t("You have not sent this yet"),
        says=t("Somebody else was signed in here when the page was sent."),
        kept=t("Nothing was recorded."),
        typed=found["sent"],
        words=words_of(found["sent"]),
        again=found["path"],
        sign_in="",
        sign_in_says="",
    )


ROUTES = [Route("/answer/{key}", answer)]

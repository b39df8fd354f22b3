"""Forms under way and answers to forms, at addresses of their own: "back" and "reload" show them again.

An answer to a form that is shown at once can't be gone back to: the browser would have to send the form anew.
So a form is kept and then looked at, and an answer is kept and then shown. What is kept is locked with a word
in a cookie of this browser (`tasks.sign_in.kept`).
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portal.asking import cookie, ground, keep_cookie, person
from portal.doing import LONGEST_KEY, recorded_under
from schemas.errors import StoreUnavailable
from schemas.receipt import Receipt
from tasks.acts.once import handed_in
from tasks.sign_in import kept
from tasks.sign_in.tokens import new_token

COOKIE = "forms"


def _browser(request: Request) -> str:
    """The word of this browser; a new one where it has none, which the answer has to give it."""
    if not hasattr(request.state, "forms"):
        request.state.forms = cookie(request, COOKIE) or new_token()
    word: str = request.state.forms
    return word


def with_cookie(request: Request, answer: Response) -> Response:
    """The same answer, with the word of this browser."""
    keep_cookie(request, answer, COOKIE, _browser(request), kept.LASTS)
    return answer


async def keep_form(
    request: Request, key: str, typed: Mapping[str, Sequence[str]], back: str, next_: str
) -> Response:
    """Keep what was typed, and go to the address that shows what comes next.

    Raises StoreUnavailable; HTTPException 413 where it is too large to be kept: nothing is lost unsaid.
    """
    here, me = ground(request), await person(request)
    what = {"typed": {name: list(words) for name, words in typed.items()}, "back": back}
    if not await kept.keep(here.store, _browser(request), key, me.person, what, now=here.now()):
        raise HTTPException(413)
    return with_cookie(request, RedirectResponse(next_, status_code=303))


async def forget_form(request: Request, key: str) -> None:
    """It was recorded."""
    if word := cookie(request, COOKIE):
        await kept.forget(ground(request).store, word, key)


async def find(request: Request, key: str) -> dict[str, Any] | None:
    """What this browser keeps under the key for who is signed in; None where there is nothing."""
    here, me = ground(request), await person(request)
    if not (word := cookie(request, COOKIE)):
        return None
    async with here.store.read() as session:
        return await kept.find(session, word, key, me.person, here.now())


async def form_under_way(request: Request, key: str) -> dict[str, Any] | None:
    """What was typed under this key, and where it goes back to; None where nothing is kept."""
    found = await find(request, key)
    return found if found is not None and "typed" in found else None


async def recorded(request: Request, act: str, key: str) -> Receipt | None:
    """What was recorded of this act under this key already; None where nothing was."""
    here, me = ground(request), await person(request)
    async with here.store.read() as session:
        return await handed_in(session, recorded_under(me.person, act, key[:LONGEST_KEY]))


async def keep_answer(
    request: Request, made: str, status: int, after: BackgroundTask | None
) -> Response | None:
    """Keep the answer to a form of who is signed in, and go to it; None where it can't be kept."""
    here, me, key = ground(request), await person(request), new_token()
    what = {"answer": made, "status": status}
    try:
        if not await kept.keep(here.store, _browser(request), key, me.person, what, now=here.now()):
            return None
    except StoreUnavailable:
        return None
    return with_cookie(request, RedirectResponse(f"/answer/{quote(key)}", status_code=303, background=after))


async def keep_for(request: Request, owner: int, typed: Sequence[tuple[str, str]], path: str) -> str:
    """Keep for who typed it what somebody else sent to `path`; the address at which they find it.

    Empty where it can't be kept.
    """
    here, key = ground(request), new_token()
    what = {"sent": [list(one) for one in typed], "path": path}
    try:
        if not await kept.keep(here.store, _browser(request), key, owner, what, now=here.now()):
            return ""
    except StoreUnavailable:
        return ""
    return f"/answer/{quote(key)}"

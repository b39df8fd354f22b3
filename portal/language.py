"""Choosing the language of pages and letters: kept with the person, and in this browser for the sign-in."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal.asking import MADE_FOR, anybodys_form, ground, keep_cookie, local_path, signed_in
from portal.pages import go_to
from portal.speaking import CHOSEN, COOKIE
from schemas.errors import BadInput
from schemas.language import LANGUAGES, known, speak
from tasks.people.language import choose
from tasks.sign_in import attempts

_KEPT = timedelta(days=365)
#: Of one field of a search or a filter.
_LONGEST = 2000


async def chosen(request: Request) -> Response:
    """The language from now on, from the foot of a page. Raises BadInput for one that there is not.

    What stands in the page's search or filter comes with it, and goes back into the address.
    """
    typed = await anybodys_form(request)
    back = local_path(request.query_params.get("back") or str(typed.get("back") or "/"))
    return await spoken_from_now(request, str(typed.get("language") or ""), go_to(_with(back, typed)))


def _with(back: str, typed: FormData) -> str:
    """The address with what was typed in the place of what stood there."""
    path, _, query = back.partition("?")
    new = [
        (name, str(words)[:_LONGEST])
        for name, words in typed.multi_items()
        if name not in {"language", "back", "key", MADE_FOR}
    ]
    old = [one for one in parse_qsl(query) if one[0] not in {name for name, _ in new}]
    asked = urlencode([one for one in (*old, *new) if one[1]])
    return f"{path}?{asked}" if asked else path


async def said_anew(request: Request, typed: FormData, show: Callable[[], Awaitable[Response]]) -> Response:
    """The page that was typed into, in the language that was pressed at its foot; nothing is sent by it.

    Raises BadInput for a language that there is not.
    """
    language = str(typed.get("language") or "")
    await signed_in(request)  # who has chosen one before is spoken to in it until now
    speak(known(language))
    return await spoken_from_now(request, language, await show())


async def spoken_from_now(request: Request, language: str, answer: Response) -> Response:
    """The same answer, with the language kept. Raises BadInput for one that there is not."""
    here = ground(request)
    if language not in LANGUAGES:
        raise BadInput("There is no such language here: choose one at the foot of a page.")
    me = await signed_in(request)
    if me is not None:
        await choose(here.store, me.person, language)
    answer.set_cookie(
        COOKIE,
        language,
        max_age=int(_KEPT.total_seconds()),
        path="/",
        secure=here.settings.portal_is_secure,
        httponly=True,
        samesite="lax",
    )
    if me is None:  # who signs in next, soon, is who chose it
        keep_cookie(request, answer, CHOSEN, language, attempts.LASTS)
    return answer


ROUTES = [Route("/language", chosen, methods=["POST"])]

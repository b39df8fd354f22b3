"""Choosing the language of pages and letters: kept with the person, and in this browser for the sign-in."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal.asking import anybodys_form, ground, keep_cookie, local_path, signed_in
from portal.pages import go_to
from portal.speaking import CHOSEN, COOKIE
from schemas.errors import BadInput
from schemas.language import LANGUAGES
from tasks.people.language import choose
from tasks.sign_in import attempts

_KEPT = timedelta(days=365)


async def chosen(request: Request) -> Response:
    """The language from now on. Raises BadInput for one that there is not."""
    here, typed = ground(request), await anybodys_form(request)
    language = str(typed.get("language") or "")
    if language not in LANGUAGES:
        raise BadInput("There is no such language here: choose one at the foot of a page.")
    me = await signed_in(request)
    if me is not None:
        await choose(here.store, me.person, language)
    answer = go_to(local_path(str(typed.get("back") or "/")))
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

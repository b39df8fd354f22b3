"""Choosing the language of pages and letters: kept with the person, and in this browser for the sign-in."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal.asking import anybodys_form, ground, local_path, signed_in
from portal.pages import go_to
from portal.speaking import COOKIE
from schemas.errors import BadInput
from schemas.language import LANGUAGES
from tasks.people.language import choose

_KEPT = timedelta(days=365)


async def chosen(request: Request) -> Response:
    """The language from now on. Raises BadInput for one that there is not."""
    here, typed = ground(request), await anybodys_form(request)
    language = str(typed.get("language") or "")
    if language not in LANGUAGES:
        raise BadInput("There is no such language here: choose one at the foot of a page.")
    if me := await signed_in(request):
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
    return answer


ROUTES = [Route("/language", chosen, methods=["POST"])]

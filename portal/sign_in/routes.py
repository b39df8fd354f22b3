"""The pages of signing in: the choice, the code by mail, one's own sessions."""

import asyncio
from importlib import import_module
from types import ModuleType
from urllib.parse import quote

import structlog
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal.asking import anybodys_form, drop_cookie, form, ground, local_path, person, to_number
from portal.errors import error_page
from portal.kept import COOKIE
from portal.pages import go_to, page
from portal.sign_in.cookies import begun, signed_in, under_way
from portal.sign_in.limits import client, limit
from schemas.errors import NotAllowed, StewardError
from schemas.language import t
from schemas.words import SignInWay
from tasks.sign_in import attempts, letter, sessions
from tasks.sign_in.attempts import Sent

log = structlog.get_logger("steward.portal")

#: Letters that one client's address may ask for within an hour: a school is one address.
_LETTERS = 60
#: Of these, letters to one mail address. Another network may still ask for letters to it.
_LETTERS_TO_ONE = 6
_TRIES = 200


async def choose(request: Request) -> Response:
    """The ways to sign in."""
    settings = ground(request).settings
    next_ = local_path(request.query_params.get("next"))
    next_quoted = quote(next_, safe="/")
    return await page(
        request,
        "sign_in.html",
        path=f"/sign-in?next={next_quoted}" if next_ != "/" else "/sign-in",  # for who chooses a language
        ways=settings.portal_sign_in,
        provider_name=settings.portal_provider_name,
        next=next_,
        next_quoted=next_quoted,
        again="again" in request.query_params,
    )


async def back_to_the_tab(request: Request) -> Response:
    """Signed in once more, in a tab of its own."""
    await person(request)
    return await page(request, "signed_in.html")


async def _by_mail(request: Request) -> Response:
    here, typed = ground(request), await anybodys_form(request)
    if "mail" not in here.settings.portal_sign_in:
        raise NotAllowed("Nobody signs in by mail here: choose another way on the sign-in page.")
    now = here.now()
    if not limit(request, "letters", _LETTERS).allows(client(request), now):
        return await error_page(
            request, 429, t("Too many codes were asked for from this network: try again in an hour.")
        )
    address = str(typed.get("address") or "")[:254]
    back_to = local_path(str(typed.get("next") or "/"))
    to_one = f"{client(request)} {' '.join(address.split()).lower()}"
    too_often = not limit(request, "letters to one", _LETTERS_TO_ONE).allows(to_one, now)
    browser, sent = await attempts.begin_mail(here.store, address, back_to, now=now, too_often=too_often)
    answer = go_to("/sign-in/mail", BackgroundTask(_send, request, sent) if sent else None)
    return begun(request, answer, browser)


async def _send(request: Request, sent: Sent) -> None:
    here = ground(request)
    try:
        await letter.send(sent, here.settings, await here.policy(), now=here.now(), post=here.post)
    except StewardError as error:
        log.warning("portal.code_not_sent", reason=type(error).__name__)


async def mail(request: Request) -> Response:
    """The page on which the code is typed; it is the same whether a letter was sent or not."""
    if request.method == "POST":
        return await _by_mail(request)
    return await page(request, "code.html", wrong=False, minutes=letter.MINUTES, link="")


async def opened_link(request: Request) -> Response:
    """The letter's link was opened. That signs nobody in: programs that look at mail open links too."""
    here = ground(request)
    async with here.store.read() as session:
        known = await attempts.under_way(session, under_way(request), here.now())
    link = request.query_params.get("link", "")[:100]
    return await page(
        request, "code.html", wrong=False, minutes=letter.MINUTES, link=link if known is not None else ""
    )


async def use_code(request: Request) -> Response:
    """The code, or the link's button, from the browser that asked."""
    here, typed = ground(request), await anybodys_form(request)
    now = here.now()
    if not limit(request, "tries", _TRIES).allows(client(request), now):
        return await error_page(
            request, 429, t("Too many codes were tried from this network: try again in an hour.")
        )
    attempt = await attempts.use_code(
        here.store,
        under_way(request),
        code=str(typed.get("code") or "")[:20],
        link=str(typed.get("link") or "")[:100],
        now=now,
    )
    if attempt is None or attempt.person_id is None:
        return await page(request, "code.html", status=400, wrong=True, minutes=letter.MINUTES, link="")
    return await signed_in(request, attempt.person_id, SignInWay.MAIL, attempt.back_to)


async def _single_sign_on() -> ModuleType:
    """The room that few processes need at once: loaded beside the loop, so that nobody waits for it."""
    return await asyncio.to_thread(import_module, "portal.sign_in.provider")


async def begin_elsewhere(request: Request) -> Response:
    """Send the browser to the provider of the settings."""
    answer: Response = await (await _single_sign_on()).begin(request)
    return answer


async def back_from_elsewhere(request: Request) -> Response:
    """The provider sends the browser back, with who it is."""
    answer: Response = await (await _single_sign_on()).back(request)
    return answer


async def sign_out(request: Request) -> Response:
    """End this session."""
    here, me = ground(request), await person(request)
    await sessions.end(here.store, me, me.session, here.now())
    answer = go_to("/sign-in")
    for what in ("session", COOKIE):  # who sits down here next finds nothing
        drop_cookie(request, answer, what)
    return answer


async def own_sessions(request: Request) -> Response:
    """Where one is signed in, and the button that ends it."""
    here, me = ground(request), await person(request)
    if request.method == "POST":
        typed = await form(request)
        which = str(typed.get("session") or "")
        await sessions.end(here.store, me, to_number(which) if which else None, here.now())
        return go_to("/sessions")
    policy = await here.policy()
    async with here.store.read() as session:
        found = await sessions.own(session, me, here.now())
    return await page(request, "sessions.html", sessions=found, zone=policy.zone)


ROUTES = [
    Route("/sign-in", choose),
    Route("/sign-in/mail", mail, methods=["GET", "POST"]),
    Route("/sign-in/mail/link", opened_link),
    Route("/sign-in/mail/code", use_code, methods=["POST"]),
    Route("/sign-in/with/{way}", begin_elsewhere),
    Route("/sign-in/with/{way}/back", back_from_elsewhere),
    Route("/signed-in", back_to_the_tab),
    Route("/sign-out", sign_out, methods=["POST"]),
    Route("/sessions", own_sessions, methods=["GET", "POST"]),
]

"""The pages of signing in: the choice, the code by mail, one's own sessions."""

import asyncio
from functools import partial
from importlib import import_module
from types import ModuleType
from urllib.parse import quote

import structlog
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal.asking import address as address_of
from portal.asking import anybodys_form, drop_cookie, form, ground, local_path, person, to_number
from portal.asking import signed_in as already_in
from portal.errors import error_page
from portal.kept import COOKIE
from portal.language import said_anew
from portal.pages import go_to, page
from portal.sign_in.cookies import begun, signed_in, under_way
from portal.sign_in.limits import client, limit
from schemas.errors import NotAllowed, StewardError
from schemas.language import t
from schemas.people import Person
from schemas.words import SignInWay
from tasks.sign_in import attempts, letter, sessions
from tasks.sign_in.tokens import new_token

log = structlog.get_logger("steward.portal")

#: Of letters with codes to one mail address, so many are asked for within an hour by one network.
_LETTERS_TO_ONE = 6
#: A network that asks for more than so many in all gets this many more to each address: who asks for
#: addresses of others, or of nobody, takes nobody else's way in, and each mailbox gets few.
_LETTERS, _LETTERS_TO_EACH = 60, 2
#: Wrong codes from one network within an hour. The link in a letter can't be guessed, and is not counted.
_TRIES = 200


async def choose(request: Request) -> Response:
    """The ways to sign in."""
    return await _choice(request, local_path(request.query_params.get("next")))


async def _choice(request: Request, next_: str, *, wrong: bool = False, address: str = "") -> Response:
    settings, next_quoted = ground(request).settings, quote(next_, safe="/")
    return await page(
        request,
        "sign_in.html",
        status=400 if wrong else 200,
        wrong=wrong,
        address=address,
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
    address, back_to = str(typed.get("address") or "")[:254], local_path(str(typed.get("next") or "/"))
    if typed.get("language"):
        return await said_anew(request, typed, partial(_choice, request, back_to, address=address))
    if not address.strip():
        return await _choice(request, back_to, wrong=True)
    many = not limit(request, "letters", _LETTERS).allows(client(request), here.now())
    async with here.store.read() as session:
        known = await attempts.by_address(session, address)
    browser = new_token()
    # the answer is the same, and as quick, whether there is such an address or not
    after = BackgroundTask(_send, request, known, browser, back_to, many) if known else None
    return begun(request, go_to("/sign-in/mail", after), browser)


async def _send(request: Request, known: Person, browser: str, back_to: str, many: bool) -> None:
    here, one = ground(request), f"{client(request)} {known.id}"
    now = here.now()
    if not limit(request, "letters to one", _LETTERS_TO_ONE).allows(one, now):
        return
    if many and not limit(request, "letters to each", _LETTERS_TO_EACH).allows(one, now):
        return
    try:
        sent = await attempts.begin_mail(here.store, known, browser, back_to, now=now)
        if sent is not None:
            await letter.send(sent, here.settings, await here.policy(), now=now, post=here.post)
    except StewardError as error:
        log.warning("portal.code_not_sent", reason=type(error).__name__)


async def mail(request: Request) -> Response:
    """The page on which the code is typed; it is the same whether a letter was sent or not."""
    if request.method == "POST":
        return await _by_mail(request)
    return await _code(request)


async def _code(
    request: Request, *, wrong: bool = False, link: str = "", elsewhere: bool = False, code: str = ""
) -> Response:
    # for who chooses a language: an answer to a form has no address of its own
    path = address_of(request) if link else "/sign-in/mail/link" if elsewhere else "/sign-in/mail"
    return await page(
        request,
        "code.html",
        status=400 if wrong else 200,
        path=path,
        wrong=wrong,
        minutes=letter.MINUTES,
        link=link,
        elsewhere=elsewhere,
        code=code,
    )


async def opened_link(request: Request) -> Response:
    """The letter's link was opened. That signs nobody in: programs that look at mail open links too.

    A browser that asked for no letter is not told the link again. Whether a letter was sent is not looked up.
    """
    if not under_way(request):
        return go_to("/") if await already_in(request) else await _code(request, elsewhere=True)
    return await _code(request, link=request.query_params.get("link", "")[:100])


async def use_code(request: Request) -> Response:
    """The code, or the link's button, from the browser that asked."""
    here, typed = ground(request), await anybodys_form(request)
    now, tries = here.now(), limit(request, "tries", _TRIES)
    code, link = str(typed.get("code") or "")[:20], str(typed.get("link") or "")[:100]
    if typed.get("language"):
        return await said_anew(request, typed, partial(_code, request, link=link, code=code))
    if not link and not tries.allows(client(request), now):
        return await error_page(
            request,
            429,
            t(
                "Too many wrong codes were typed in this network. "
                "Open the link in your letter instead, in this browser: it works all the same."
            ),
        )
    attempt = await attempts.use_code(here.store, under_way(request), code=code, link=link, now=now)
    if attempt is not None and attempt.person_id is not None:
        if not link:
            tries.give_back(client(request))
        return await signed_in(request, attempt.person_id, SignInWay.MAIL, attempt.back_to)
    if (me := await already_in(request)) is not None:  # the button was pressed twice
        if not under_way(request):
            return go_to("/")
        async with here.store.read() as session:
            if before := await attempts.was_used(session, under_way(request), me.person):
                return go_to(before.back_to)
    return await _code(request, wrong=True)


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

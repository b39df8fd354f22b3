"""Reading a request: who asks, what they typed, and where they may be sent back to."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from portal.ground import Ground
from schemas.errors import BadInput
from schemas.language import known, speak
from schemas.settings import Settings
from tasks.people.desks import Desks, desks
from tasks.sign_in import sessions
from tasks.sign_in.sessions import SignedIn
from tasks.store.session import Session

_LONGEST_PATH, _MOST_FIELDS, _MOST_FILES = 500, 400, 40
#: The field of every form that says for whom it was made (`SignedIn.mark`).
MADE_FOR = "made_for"


class NotSignedIn(Exception):
    """The page is for people who are signed in, and this browser is not."""


class NotTheirs(Exception):
    """The form was made for somebody else than who is signed in. `owner`: whose it is, where it says so."""

    def __init__(self, owner: int | None) -> None:
        super().__init__()
        self.owner = owner


class SignInAgain(Exception):
    """What was handed in reaches far, and who is signed in showed who they are too long ago."""


def ground(request: Request) -> Ground:
    """What the application was made with."""
    found: Ground = request.app.state.ground
    return found


def cookie_name(settings: Settings, what: str = "session") -> str:
    """A cookie's name. `__Host-`: browsers take it by https only, for this host and no other."""
    return f"__Host-steward-{what}" if settings.portal_is_secure else f"steward-{what}"


def cookie(request: Request, what: str) -> str:
    """The word that this browser keeps; empty where it keeps none."""
    return request.cookies.get(cookie_name(ground(request).settings, what), "")


def keep_cookie(request: Request, response: Response, what: str, token: str, lasts: timedelta) -> None:
    """Give the browser a word to keep: for our pages alone, out of reach of scripts."""
    settings = ground(request).settings
    response.set_cookie(
        cookie_name(settings, what),
        token,
        max_age=int(lasts.total_seconds()),
        path="/",
        secure=settings.portal_is_secure,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(request: Request, response: Response, what: str) -> None:
    """Take it back."""
    settings = ground(request).settings
    response.delete_cookie(
        cookie_name(settings, what), path="/", secure=settings.portal_is_secure, httponly=True, samesite="lax"
    )


async def signed_in(request: Request) -> SignedIn | None:
    """Who asks; None for somebody who is not signed in. Read from the store once a request."""
    if not hasattr(request.state, "signed_in"):
        here = ground(request)
        async with here.store.read() as session:
            found = await _look_up(request, session)
        if found is not None:
            await sessions.note_seen(here.store, found, here.now())
    asked: SignedIn | None = request.state.signed_in
    return asked


async def _look_up(request: Request, session: Session) -> SignedIn | None:
    """Who asks, looked up in this session; from here on the request knows, and speaks their language."""
    token = cookie(request, "session")
    found = await sessions.who(session, token, ground(request).now()) if token else None
    if found is not None and found.language:
        speak(known(found.language))
    request.state.signed_in = found
    return found


@asynccontextmanager
async def as_signed_in(request: Request) -> AsyncIterator[tuple[Session, SignedIn]]:
    """A session that reads a page, and who asks for it, looked up in it first. Raises NotSignedIn.

    Who was looked up before in this request is not again: a language that was pressed since then stays.
    """
    here, known_before = ground(request), hasattr(request.state, "signed_in")
    async with here.store.read() as session:
        found = request.state.signed_in if known_before else await _look_up(request, session)
        if found is None:
            raise NotSignedIn
        yield session, found
    if not known_before:
        await sessions.note_seen(here.store, found, here.now())


async def person(request: Request) -> SignedIn:
    """Who asks. Raises NotSignedIn; what was typed is kept for the page that says so."""
    found = await signed_in(request)
    if found is None:
        if request.method == "POST" and not has_files(request):
            await form(request)
        raise NotSignedIn
    return found


async def looks_after(request: Request, session: Session | None = None) -> Desks:
    """What who asks looks after at this moment, read once a request. Raises NotSignedIn.

    `session`: one that reads already; what it has read is not read again.
    """
    if not hasattr(request.state, "desks"):
        here, me = ground(request), await person(request)
        policy, now = await here.policy(), here.now()
        if session is not None:
            request.state.desks = await desks(session, policy, me.person, now)
        else:
            async with here.store.read() as opened:
                request.state.desks = await desks(opened, policy, me.person, now)
    found: Desks = request.state.desks
    return found


async def just_signed_in(request: Request) -> None:
    """For what reaches far. Raises SignInAgain where the sign-in is older than the settings allow."""
    here, me = ground(request), await person(request)
    if here.now() - me.since > timedelta(minutes=here.settings.portal_fresh_minutes):
        raise SignInAgain


def has_files(request: Request) -> bool:
    """Whether files may come with it: they are read for people who may hand them in, and for nobody else."""
    return request.headers.get("content-type", "").startswith("multipart/")


async def form(request: Request) -> FormData:
    """What was typed into a form of who is signed in, as `anybodys_form` gives it.

    Raises BadInput; NotTheirs where the form was made for somebody else: what one person wrote is never
    recorded in the name of whoever signed in after them.
    """
    read = await _read(request)
    if me := await signed_in(request):
        mark = str(read.get(MADE_FOR) or "")
        if mark != me.mark:
            async with ground(request).store.read() as session:
                owner = await sessions.whose(session, mark)
            if owner != me.person:
                raise NotTheirs(owner)
    _refuse_strange(request)
    return read


async def anybodys_form(request: Request) -> FormData:
    """What was typed, without files; kept, so that a page of an error gives it back.

    For what is done in nobody's name: signing in, choosing a language, a report of the public.
    """
    read = await _read(request)
    _refuse_strange(request)
    return read


async def _read(request: Request) -> FormData:
    read = await request.form(max_fields=_MOST_FIELDS, max_files=_MOST_FILES)
    request.state.typed = [(name, value) for name, value in read.multi_items() if isinstance(value, str)]
    return read


def _refuse_strange(request: Request) -> None:
    if any("\x00" in value for _, value in request.state.typed):
        raise BadInput("There is a character in it that can't be kept: type it again instead of pasting.")


def typed(request: Request) -> Sequence[tuple[str, str]]:
    """What was typed on the page before, field by field; nothing for a page that was only opened."""
    return getattr(request.state, "typed", [])


def number(request: Request, name: str = "number") -> int:
    """A number of the address. Raises BadInput for one that no table has."""
    return to_number(str(request.path_params[name]))


def to_number(given: str) -> int:
    """A number that came with a request. Raises BadInput for one that no table has."""
    if not given.isascii() or not given.isdecimal() or len(given) > 18:  # noqa: PLR2004 - what 64 bits hold
        raise BadInput("There is no such page: look for it from your own page.")
    return int(given)


def local_path(given: str | None) -> str:
    """A page of ours to go back to; the first page for anything else, another site first of all."""
    path = given or "/"
    plain = all(letter.isprintable() and letter != "\\" for letter in path)
    here = path.startswith("/") and not path.startswith("//")
    return path if here and plain and len(path) <= _LONGEST_PATH else "/"


def address(request: Request) -> str:
    """The address that was asked for, with its question where that is short enough to be gone back to."""
    path = request.url.path
    whole = f"{path}?{request.url.query}" if request.url.query else path
    return whole if local_path(whole) == whole else path


def sign_in_path(request: Request) -> str:
    """The sign-in page, with the page that was asked for."""
    asked = address(request)
    return f"/sign-in?next={quote(local_path(asked), safe='/')}" if asked != "/" else "/sign-in"

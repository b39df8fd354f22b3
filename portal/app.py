"""The application: its routes, and the layers around them."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from portal import (
    answers,
    confidence,
    desk,
    imports,
    language,
    month,
    offices,
    own,
    policy_file,
    public,
    queue,
    reporting,
    sign_in,
    xapi,
)
from portal.errors import HANDLERS
from portal.ground import Ground
from portal.guard import Guard
from portal.pages import STATIC
from portal.speaking import Speaking
from schemas.errors import StewardError
from schemas.portal_settings import LOOPBACK


async def healthz(_request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """The store answers too, and the policy can be read."""
    here: Ground = request.app.state.ground
    try:
        async with here.store.read() as session:
            await session.connection()
        await here.policy()
    except StewardError as error:
        return PlainTextResponse(f"not ready: {type(error).__name__}\n", status_code=503)
    return PlainTextResponse("ready\n")


def routes() -> Sequence[BaseRoute]:
    """Every page. A room of pages has its own `ROUTES`."""
    return [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Mount("/static", StaticFiles(directory=STATIC)),
        *sign_in.ROUTES,
        *language.ROUTES,
        *answers.ROUTES,
        *own.ROUTES,
        *queue.ROUTES,
        *desk.ROUTES,
        *month.ROUTES,
        *confidence.ROUTES,
        *imports.ROUTES,
        *offices.ROUTES,
        *policy_file.ROUTES,
        *public.ROUTES,
        *reporting.ROUTES,
        *xapi.ROUTES,
    ]


def create_app(ground: Ground) -> Starlette:
    """The pages over what is open. Hosts that are none of ours are refused before anything is read."""
    settings = ground.settings
    hosts = {
        urlsplit(settings.portal_address).hostname or "",
        *(LOOPBACK if settings.portal_is_local else ()),
    }
    made = Starlette(
        routes=[*routes(), *sign_in.sample_routes(settings)],
        exception_handlers=HANDLERS,
        middleware=[
            Middleware(Guard, secure=settings.portal_is_secure),
            Middleware(Speaking),
            Middleware(TrustedHostMiddleware, allowed_hosts=sorted(hosts), www_redirect=False),
        ],
    )
    made.state.ground = ground
    return made

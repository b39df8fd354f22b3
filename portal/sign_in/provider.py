"""Single sign-on: OpenID Connect by Authlib, with PKCE and a nonce, bound to the browser that began it.

Loaded by the first who signs in so: with its cryptography it takes as much memory as a tenth of the process.
"""

from typing import Any

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.starlette_client import OAuth
from httpx2 import ASGITransport, HTTPError
from joserfc.errors import JoseError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from portal.asking import ground, local_path
from portal.sign_in import sample
from portal.sign_in.cookies import begun, signed_in, under_way
from schemas.errors import NotAllowed, StewardError
from schemas.settings import Settings
from schemas.words import SignInWay
from tasks.sign_in import attempts, linking

_TIMEOUT_SECONDS = 10.0


class ProviderAway(StewardError):
    """The provider of sign-ins does not answer, or not as it should."""


def providers(app: Starlette, settings: Settings) -> OAuth:
    """The providers of the settings; the sample one answers within this very process."""
    made = OAuth()
    shared: dict[str, Any] = {
        "scope": "openid email profile",
        "code_challenge_method": "S256",
        "timeout": _TIMEOUT_SECONDS,
    }
    if "provider" in settings.portal_sign_in:
        secret = settings.portal_client_secret
        issuer = (settings.portal_provider or "").rstrip("/")
        made.register(
            "provider",
            client_id=settings.portal_client_id,
            client_secret=secret.get_secret_value() if secret else None,
            server_metadata_url=f"{issuer}/.well-known/openid-configuration",
            client_kwargs=shared,
        )
    if "sample" in settings.portal_sign_in:
        made.register(
            "sample",
            client_id=sample.CLIENT,
            server_metadata_url=f"{sample.issuer(settings)}/.well-known/openid-configuration",
            client_kwargs={
                **shared,
                "transport": ASGITransport(app=app),
                "token_endpoint_auth_method": "none",
            },
        )
    return made


def _client(request: Request) -> Any:
    state = request.app.state
    if not hasattr(state, "providers"):
        state.providers = providers(request.app, ground(request).settings)
    found = state.providers.create_client(request.path_params["way"])
    if found is None:
        raise NotAllowed("Nobody signs in this way here: choose another one on the sign-in page.")
    return found


def _address_back(request: Request) -> str:
    address = ground(request).settings.portal_address
    return f"{address}/sign-in/with/{request.path_params['way']}/back"


async def begin(request: Request) -> Response:
    """Send the browser to the provider. A link leads here: posts that end elsewhere are forbidden."""
    here, client = ground(request), _client(request)
    request.scope["session"] = {}
    try:
        # a provider that remembers the person would let them through without a word
        again = "again" in request.query_params
        more = {"prompt": "login", "max_age": "0"} if again else {}
        answer: Response = await client.authorize_redirect(request, _address_back(request), **more)
    except (HTTPError, OAuthError, ValueError, KeyError, RuntimeError):
        raise ProviderAway(
            "The sign-in of your account does not answer. Try again in a minute, or sign in by mail."
        ) from None
    request.scope["session"]["again"] = again
    back_to = local_path(request.query_params.get("next"))
    token = await attempts.begin(here.store, back_to, request.scope["session"], now=here.now())
    return begun(request, answer, token)


async def back(request: Request) -> Response:
    """The provider sends the browser back. Raises NotAllowed where it is not the sign-in that began here."""
    here, client = ground(request), _client(request)
    attempt = await attempts.use(here.store, under_way(request), now=here.now())
    if attempt is None:
        raise NotAllowed("This sign-in did not begin in this browser, or it is over: begin again.")
    request.scope["session"] = dict(attempt.said)
    try:
        token = await client.authorize_access_token(request)
        claims = dict(token["userinfo"])
    except (HTTPError, OAuthError, JoseError, KeyError, ValueError, TypeError, AttributeError, RuntimeError):
        raise NotAllowed(
            "The provider did not confirm who you are: begin again, or sign in by mail."
        ) from None
    if request.path_params["way"] == "sample":
        return await signed_in(request, int(claims["sub"]), SignInWay.SAMPLE, attempt.back_to)
    if attempt.said.get("again"):
        linking.refuse_stale(claims, here.now())
    person = await linking.person_of(here.store, claims, here.settings.portal_domain, here.now())
    return await signed_in(request, person, SignInWay.PROVIDER, attempt.back_to)

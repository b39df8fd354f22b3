"""A provider of sign-ins for this machine only: pick somebody, and you are signed in as them.

It speaks OpenID Connect to our own client, so that what is tried here is what runs elsewhere. The settings
refuse it wherever anybody else could reach it.
"""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portal.asking import address, anybodys_form, ground
from portal.pages import go_to, page
from schemas.errors import NotAllowed
from schemas.people import Person
from schemas.settings import Settings
from tasks import clock
from tasks.sign_in.people import Shown, to_pick, who_is

CLIENT = "steward-portal"
if TYPE_CHECKING:
    from joserfc.jwk import ECKey

_LASTS = timedelta(minutes=2)
_MOST_CODES = 100


@dataclass(frozen=True)
class _Given:
    person: Person
    nonce: str
    challenge: str
    back: str


class _Provider:
    """Its key and the codes that it gave; both are gone when the process ends."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.codes: dict[str, _Given] = {}

    @cached_property
    def key(self) -> "ECKey":
        """Made for the first who signs in."""
        from joserfc.jwk import ECKey  # noqa: PLC0415 - its cryptography takes memory that few need

        return ECKey.generate_key("P-256", parameters={"kid": "sample"})

    async def metadata(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/choose",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none"],
            }
        )

    async def keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def choose(self, request: Request) -> Response:
        here = ground(request)
        if request.method != "POST":
            async with here.store.read() as session:
                people: Sequence[Shown] = await to_pick(
                    session, await here.policy(), await here.today(), request.query_params.get("q", "")
                )
            asked = {name: value for name, value in request.query_params.items() if name != "q"}
            return await page(
                request,
                "sample.html",
                people=people,
                asked=asked,
                q=request.query_params.get("q", ""),
                path=address(request),  # another language is chosen on the same page
            )
        typed = await anybodys_form(request)
        back = f"{here.settings.portal_address}/sign-in/with/sample/back"
        if typed.get("client_id") != CLIENT or typed.get("redirect_uri") != back:
            raise NotAllowed("This sign-in did not begin at our own pages: begin again.")
        chosen = str(typed.get("person") or "")[:12]
        async with here.store.read() as session:
            person = await who_is(session, int(chosen) if chosen.isascii() and chosen.isdecimal() else 0)
        if person is None:
            raise NotAllowed("Choose one of the people.")
        code = secrets.token_urlsafe(24)
        self.codes[code] = _Given(
            person, str(typed.get("nonce") or ""), str(typed.get("code_challenge") or ""), back
        )
        if len(self.codes) > _MOST_CODES:
            self.codes.pop(next(iter(self.codes)))
        return go_to(f"{back}?{urlencode({'code': code, 'state': str(typed.get('state') or '')})}")

    async def token(self, request: Request) -> Response:
        typed = await request.form()
        given = self.codes.pop(str(typed.get("code") or ""), None)
        verifier = hashlib.sha256(str(typed.get("code_verifier") or "").encode()).digest()
        proof = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        if given is None or not secrets.compare_digest(proof, given.challenge):
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        now = clock.wall()  # whoever reads the token has the machine's own time
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": str(given.person.id),
            "email": given.person.email,
            "email_verified": True,
            "nonce": given.nonce,
            "iat": int(now.timestamp()),
            "exp": int((now + _LASTS).timestamp()),
        }
        from joserfc import jwt  # noqa: PLC0415 - as for the key

        signed = jwt.encode({"alg": "ES256", "kid": "sample"}, claims, self.key)
        return JSONResponse({"access_token": "none", "token_type": "Bearer", "id_token": signed})


def issuer(settings: Settings) -> str:
    """The address of the provider."""
    return f"{settings.portal_address}/sample-provider"


def sample_routes(settings: Settings) -> list[Route]:
    """Its pages; none where the settings don't have it."""
    if "sample" not in settings.portal_sign_in or not settings.portal_is_local:
        return []
    made = _Provider(issuer(settings))
    return [
        Route("/sample-provider/.well-known/openid-configuration", made.metadata),
        Route("/sample-provider/keys", made.keys),
        Route("/sample-provider/choose", made.choose, methods=["GET", "POST"]),
        Route("/sample-provider/token", made.token, methods=["POST"]),
    ]

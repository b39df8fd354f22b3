"""A student information system on this machine, which serves OneRoster as its specification has it."""

import asyncio
import secrets
import socket
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tasks.files.oneroster_rest import Service
from tests.roster.roster_bundles import CANARY

CLIENT, SECRET = "steward-sample", "a-sample-secret-of-the-client"


@dataclass
class StudentSystem:
    """What it has, and what it does wrong. `tokens_last`: how many requests a token is good for."""

    orgs: Sequence[Mapping[str, Any]]
    users: Sequence[Mapping[str, Any]]
    version: str = "v1p1"
    tokens_last: int = 1000
    busy: list[JSONResponse] = field(default_factory=list)
    hides: int = 0  # records that it counts and does not give
    says_totals: bool = True
    asked: list[str] = field(default_factory=list)
    tokens: dict[str, int] = field(default_factory=dict)
    url: str = ""

    @property
    def service(self) -> Service:
        base = f"{self.url}/ims/oneroster/{self.version}"
        return Service(base, f"{self.url}/token", CLIENT, SecretStr(SECRET))

    async def token(self, request: Request) -> Response:
        """RFC 6749, 4.4: the client by Basic, the grant and the scope in the form."""
        right = "Basic " + b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        form = await request.form()
        if not secrets.compare_digest(request.headers.get("authorization", ""), right):
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        scope = f"https://purl.imsglobal.org/spec/or/{self.version}/scope/roster-core.readonly"
        if form.get("grant_type") != "client_credentials" or form.get("scope") != scope:
            return JSONResponse({"error": "invalid_scope"}, status_code=400)
        made = secrets.token_urlsafe(16)
        self.tokens[made] = self.tokens_last
        return JSONResponse(
            {"access_token": made, "token_type": "Bearer", "expires_in": 3600, "scope": scope}
        )

    async def collection(self, request: Request) -> Response:
        """One page of a collection: limit, offset and fields as the specification has them."""
        self.asked.append(str(request.url))
        if self.busy:
            return self.busy.pop()
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or self.tokens.get(token, 0) < 1:
            return JSONResponse({"imsx_codeMajor": "failure"}, status_code=401)
        self.tokens[token] -= 1
        what = request.path_params["what"]
        every = list(self.orgs if what == "orgs" else self.users)
        limit, offset = (int(request.query_params.get(name, "100")) for name in ("limit", "offset"))
        wanted = request.query_params["fields"].split(",")
        given = every[: len(every) - self.hides][offset : offset + limit]
        headers = {"X-Total-Count": str(len(every))} if self.says_totals else {}
        if offset + limit < len(every):
            headers["Link"] = f'<{request.url.include_query_params(offset=offset + limit)}>; rel="next"'
        page = [{name: one[name] for name in wanted if name in one} for one in given]
        return JSONResponse({what: page}, headers=headers)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["StudentSystem"]:
        """Serve on a port of loopback."""
        app = Starlette(
            routes=[
                Route("/token", self.token, methods=["POST"]),
                Route(f"/ims/oneroster/{self.version}/{{what}}", self.collection),
            ]
        )
        listening = socket.create_server(("127.0.0.1", 0))  # who asks before it serves is kept waiting
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield self
        finally:
            server.should_exit = True
            await serving


def an_org(number: int, kind: str = "school") -> dict[str, Any]:
    its = {"sourcedId": f"o{number}", "status": "active", "dateLastModified": "2026-09-01T00:00:00.000Z"}
    return {**its, "name": f"Sample Place {number}", "type": kind, "identifier": str(number)}


def a_user(number: int, **changes: Any) -> dict[str, Any]:
    its = {"sourcedId": f"u{number}", "status": "active", "dateLastModified": "2026-09-01T00:00:00.000Z"}
    names = {"givenName": f"Given{number}", "familyName": f"Sample{number}", "password": CANARY}
    return {
        **its,
        **names,
        "enabledUser": True,
        "email": f"person{number}@example.org",
        "phone": "1",
        **changes,
    }


def ref(org: int) -> dict[str, str]:
    return {"href": f"https://sis.example.org/orgs/o{org}", "sourcedId": f"o{org}", "type": "org"}

"""A roster from OneRoster's REST service, 1.1 or 1.2, as the files of a bundle.

By OAuth 2 client credentials, page by page; read by the same reader as a bundle from a folder. A pull is
whole or none: an answer that lacks records would make people leave.
"""

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

from schemas.errors import BadFile, Place
from tasks.files.tabular import ROWS_LIMIT

_SCOPE = "https://purl.imsglobal.org/spec/or/{}/scope/roster-core.readonly"
_PAGE = 100
_SECONDS = 60.0
_TRIES = 4
_LONGEST_WAIT = 60  # seconds between two tries
_BUSY = frozenset({429, 502, 503, 504})
_UNAUTHORIZED = 401
_PAGE_BYTES = 16_000_000
_ORGS = ("sourcedId", "status", "dateLastModified", "name", "type")
_USERS = ("sourcedId", "status", "dateLastModified", "enabledUser", "givenName", "familyName", "email")
_USERS_11 = (*_USERS, "orgSourcedIds", "role")
_USERS_12 = (*_USERS, "preferredGivenName", "preferredFamilyName", "primaryOrgSourcedId")
_ROLES = (
    "sourcedId", "status", "dateLastModified", "userSourcedId", "roleType", "role", "beginDate", "endDate",
    "orgSourcedId",
)  # fmt: skip
#: What is asked for of each record: nothing else leaves the student system.
_FIELDS_OF = {
    "orgs": "sourcedId,status,dateLastModified,name,type",
    "1.1": "sourcedId,status,dateLastModified,enabledUser,givenName,familyName,email,role,orgs",
    "1.2": "sourcedId,status,dateLastModified,enabledUser,givenName,familyName,email,roles,primaryOrg,"
    "preferredFirstName,preferredLastName",
}

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class Service:
    """Where it is and how we prove ourselves. `url` ends before `/orgs`; it says which version it is."""

    url: str
    token_url: str
    client_id: str
    client_secret: SecretStr

    @property
    def version(self) -> str:
        """1.1 or 1.2, by the address."""
        return "1.2" if "v1p2" in self.url else "1.1"


async def pull_roster(
    service: Service, *, transport: httpx.AsyncBaseTransport | None = None, sleep: Sleep = asyncio.sleep
) -> dict[str, bytes]:
    """The files of a bundle, by their names.

    Raises BadFile: the service refuses us, is away after some tries, or gives less than it says it has.
    """
    async with httpx.AsyncClient(timeout=_SECONDS, transport=transport) as http:
        asking = _Asking(service, http, sleep)
        orgs = await asking.every("orgs", _FIELDS_OF["orgs"])
        users = await asking.every("users", _FIELDS_OF[service.version])
    files = {
        "manifest.csv": _csv(
            ("propertyName", "value"), [{"propertyName": "oneroster.version", "value": service.version}]
        ),
        "orgs.csv": _csv(_ORGS, orgs),
    }
    if service.version == "1.1":
        return {**files, "users.csv": _csv(_USERS_11, [_user_11(one) for one in users])}
    roles = [role for one in users for role in _roles(one)]
    return {
        **files,
        "users.csv": _csv(_USERS_12, [_user_12(one) for one in users]),
        "roles.csv": _csv(_ROLES, roles),
    }


class _Asking:
    """Asks the service, with one token until that is not taken any more."""

    def __init__(self, service: Service, http: httpx.AsyncClient, sleep: Sleep) -> None:
        self.service, self.http, self.sleep = service, http, sleep
        self.token = ""

    async def every(self, what: str, fields: str) -> list[Mapping[str, Any]]:
        """Every record of a collection. Raises BadFile."""
        found: list[Mapping[str, Any]] = []
        while True:
            query = {"limit": str(_PAGE), "offset": str(len(found)), "fields": fields}
            answer = await self._get(f"{self.service.url}/{what}", query)
            page = _records(answer, what)
            found += page
            said = answer.headers.get("x-total-count", "")
            in_all = int(said) if said.isascii() and said.isdigit() else None
            if len(found) > ROWS_LIMIT:
                raise _bad(f"it has more than {ROWS_LIMIT:,} {what}", what)
            if in_all is not None and len(found) >= in_all:
                return found
            if in_all is not None and not page:
                raise _bad(
                    f"it says that it has {in_all} {what}, and gave {len(found)}: nothing was taken", what
                )
            if in_all is None and len(page) < _PAGE:
                if 'rel="next"' in answer.headers.get("link", "").replace("'", '"'):
                    raise _bad(f"it gave {len(page)} {what} on a page and says that there are more", what)
                return found

    async def _get(self, url: str, query: Mapping[str, str]) -> httpx.Response:
        renewed = False
        for tried in range(1, _TRIES + 1):
            if not self.token:
                self.token = await self._new_token()
            answer = await self._send(
                "GET", url, tried, params=query, headers={"Authorization": f"Bearer {self.token}"}
            )
            if answer is None:
                continue
            if answer.status_code == _UNAUTHORIZED and not renewed:
                self.token, renewed = "", True  # it lasted for some of the pages only
                continue
            if answer.status_code != httpx.codes.OK:
                raise _bad(f"it answers {answer.status_code}", url.rpartition("/")[2])
            return answer
        raise _bad("it is away, or busy: nothing was taken, try it later", url.rpartition("/")[2])

    async def _new_token(self) -> str:
        service = self.service
        for tried in range(1, _TRIES + 1):
            answer = await self._send(
                "POST",
                service.token_url,
                tried,
                data={"grant_type": "client_credentials", "scope": _SCOPE.format(_short(service.version))},
                auth=(service.client_id, service.client_secret.get_secret_value()),
            )
            if answer is None:
                continue
            try:
                token = answer.json()["access_token"] if answer.status_code == httpx.codes.OK else ""
            except (ValueError, KeyError, TypeError):
                token = ""
            if not isinstance(token, str) or not token:
                raise _bad(
                    f"it gives us no token ({answer.status_code}): look at the client's id and secret",
                    "token",
                )
            return token
        raise _bad("what gives tokens is away, or busy: nothing was taken, try it later", "token")

    async def _send(self, method: str, url: str, tried: int, **more: Any) -> httpx.Response | None:
        """One try; None, after a pause, where another one may help. Redirects are not followed."""
        wait = float(2**tried)
        try:
            answer = await self.http.request(method, url, **more)
        except httpx.HTTPError:
            answer = None
        if answer is not None and len(answer.content) > _PAGE_BYTES:
            raise _bad("one page of it is far too large", url.rpartition("/")[2])
        if answer is not None and answer.status_code not in _BUSY:
            return answer
        if tried < _TRIES:
            said = answer.headers.get("retry-after", "") if answer is not None else ""
            await self.sleep(min(float(said) if said.isascii() and said.isdigit() else wait, _LONGEST_WAIT))
        return None


def _short(version: str) -> str:
    return "v" + version.replace(".", "p")


def _bad(what: str, where: str) -> BadFile:
    """An error that says nothing of addresses and secrets."""
    return BadFile(f"the OneRoster service: {what}", Place(where))


def _records(answer: httpx.Response, what: str) -> list[Mapping[str, Any]]:
    try:
        found = answer.json()[what]
    except (ValueError, KeyError, TypeError):
        raise _bad(f"its answer has no {what}", what) from None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _bad(f"its {what} are no list of records", what)
    return found


def _id(value: Any) -> str:
    """The sourcedId of a reference, as {"href", "sourcedId", "type"} has it."""
    return str(value.get("sourcedId") or "") if isinstance(value, dict) else ""


def _each(value: Any) -> Sequence[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _user_11(one: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**one, "orgSourcedIds": ",".join(_id(org) for org in _each(one.get("orgs")))}


def _user_12(one: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        **one,
        "preferredGivenName": one.get("preferredFirstName"),
        "preferredFamilyName": one.get("preferredLastName"),
        "primaryOrgSourcedId": _id(one.get("primaryOrg")),
    }


def _roles(one: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        {**role, "userSourcedId": one.get("sourcedId"), "orgSourcedId": _id(role.get("org"))}
        for role in _each(one.get("roles"))
    ]


def _csv(headers: Sequence[str], records: Sequence[Mapping[str, Any]]) -> bytes:
    """The records as the file of a bundle; what is not asked for is left out."""
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow(headers)
    writer.writerows([_cell(one.get(name)) for name in headers] for one in records)
    return made.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)

"""A browser without a screen: it keeps cookies, says where it posts from, and fills in what a page has."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from html import unescape
from typing import Any

import httpx

from portal.app import create_app
from portal.asking import MADE_FOR, cookie_name
from portal.doing import recorded_under
from portal.ground import Ground
from schemas.machinery import HandedIn
from schemas.settings import Settings
from schemas.words import SignInWay, SubjectKind
from tasks.sign_in import sessions
from tests.support.world import World

HOME = "http://127.0.0.1:4280"
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class Box:
    """Takes every letter."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, str]] = []

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        _ = sender
        parsed = message_from_bytes(message, policy=policy.default)
        body = parsed.get_body(("plain",))
        assert body is not None
        self.letters.append((recipient, body.get_content()))

    async def close(self) -> None:
        """Nothing to close."""


#: Where a form gets its key, and where what a form is answered with is looked at.
_SHOWN = re.compile(r"/answer/|/acts/[^?]*\?(?:.*&)?key=")


class Browser(httpx.AsyncClient):
    """A post says that it comes from a page of ours. A form and its answer are followed to where they are.

    `mark`: what pages put into the forms of who is signed in.
    """

    mark = ""

    async def get(self, url: Any, **more: Any) -> httpx.Response:
        return await self._shown(await super().get(url, **more), more)

    async def send_form(
        self, path: str, typed: Mapping[str, Any] | None = None, **more: Any
    ) -> httpx.Response:
        headers = {"Sec-Fetch-Site": "same-origin", **more.pop("headers", {})}
        typed = {MADE_FOR: self.mark, **(typed or {})}
        return await self._shown(await self.post(path, data=typed, headers=headers, **more), more)

    async def _shown(self, answer: httpx.Response, more: Mapping[str, Any]) -> httpx.Response:
        to = answer.headers.get("location", "")
        if not _SHOWN.match(to):
            return answer
        return await super().get(to, headers=more.get("headers"))


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's last form and of those before it, but for those of its foot."""
    found = {name: unescape(value) for name, value in _HIDDEN.findall(page.partition("<footer")[0])}
    return {name: value for name, value in found.items() if name != MADE_FOR}


async def was_recorded(world: World, person: int, act: str, key: str) -> None:
    """Note that this person recorded the act from a form with this key."""
    its = recorded_under(person, act, key)
    async with world.store.write(audited=False) as session:
        session.add(
            HandedIn(key=its, act=act, at=world.now, subject_kind=SubjectKind.ACCOUNT, subject_id=1, state="")
        )


def footed(page: str) -> dict[str, str]:
    """The hidden fields of a page's foot: where it goes back to once a language is chosen."""
    return {name: unescape(value) for name, value in _HIDDEN.findall(page.partition("<footer")[2])}


class Portal:
    """The application over a world, and browsers for it."""

    def __init__(self, world: World, settings: Settings) -> None:
        self.world, self.box = world, Box()
        self.settings = settings
        self.relayed = 0
        self.app = create_app(
            Ground(settings, world.store, now=lambda: world.now, post=self.box, relay=self._relay)
        )

    async def _relay(self, *_: object) -> int:
        self.relayed += 1
        return 0

    @asynccontextmanager
    async def browser(self, *, network: str = "127.0.0.1", **options: Any) -> AsyncIterator[Browser]:
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False, client=(network, 123))
        async with Browser(transport=transport, base_url=self.settings.portal_address, **options) as one:
            yield one

    @asynccontextmanager
    async def as_person(self, person: int, now: datetime | None = None) -> AsyncIterator[Browser]:
        """A browser with a session of this person."""
        token = await sessions.begin(
            self.world.store,
            person,
            SignInWay.PROVIDER,
            now=now or self.world.now,
            lasts=timedelta(hours=12),
            browser="Firefox on Android",
        )
        async with self.world.store.read() as session:
            signed_in = await sessions.who(session, token, now or self.world.now)
        async with self.browser(cookies={cookie_name(self.settings): token}) as one:
            one.mark = signed_in.mark if signed_in else ""
            yield one

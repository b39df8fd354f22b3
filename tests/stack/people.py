"""People on the running stack: each with a browser of their own, in their language, and with their letters.

Nobody's browser runs a script. Each page and each letter that comes is read as it comes: it is in the
language that its reader chose, and no sentence of ours stands on it in another one.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Locator, Page
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from deployments.local.mailbox import Caught
from deployments.local.mailbox import read as read_mail
from policy.model import Policy
from schemas.language import SOURCE
from tests.portal.chromium import clicked
from tests.stack.running import Place
from tests.stack.story import until
from tests.texts.left_in_english import left_in_english
from tests.texts.marked import corpus

PHONE: Mapping[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True}
DESK: Mapping[str, Any] = {"viewport": {"width": 1280, "height": 900}}
#: A folder for a picture of each page that was looked at.
PICTURES = os.environ.get("STEWARD_TEST_PICTURES")
_BUTTON = re.compile(r'<a class="button" href="([^"]+)"')
_LINK = re.compile(r"http://\S+/sign-in/mail/link\?link=\S+")
_CODE = re.compile(r"\b(\d{3} ?\d{3})\b")


@dataclass(frozen=True)
class Words:
    """What buttons, pages and the subjects of letters say in one language."""

    language: str
    calls_itself: str
    # buttons and links
    send: str
    sign_in: str
    sign_out: str
    go_on: str
    back: str
    record: str
    change: str
    report: str
    own: str
    # on pages
    no_handle: str
    what_for: str
    say_why: str
    change_why: str
    missing: str
    recorded: str
    is_recorded: str
    pages: frozenset[str]
    # subjects
    code: str
    decide_by: str
    approved: str
    steps: str
    granted: str
    create_by: str
    live: str
    is_live: str  # in the letter's text


ENGLISH = Words(
    language="en",
    calls_itself="English",
    send="Send me a code",
    sign_in="Sign in",
    sign_out="Sign out",
    go_on="Go on",
    back="Back",
    record="Record it",
    change="Change something",
    report="Say that it is there",
    own="← Yours",
    no_handle="give the name it would show",
    what_for="What it is for",
    say_why="Say why the tools that are provided do not serve",
    change_why="Change.*Why they do not serve",
    missing="What is missing",
    recorded="is recorded; it is checked now",
    is_recorded="Recorded",
    pages=frozenset({"Sign in", "Your code", "Recorded", "Yours", "What it is for"}),
    code="Your code to sign in",
    decide_by="Decide by",
    approved="Approved:",
    steps="step",
    granted="You have access",
    create_by="Create by",
    live="Live:",
    is_live="is approved, complete and live",
)
FRENCH = Words(
    language="fr",
    calls_itself="Français",
    send="M\N{RIGHT SINGLE QUOTATION MARK}envoyer un code",
    sign_in="Se connecter",
    sign_out="Se déconnecter",
    go_on="Continuer",
    back="Retour",
    record="Enregistrer",
    change="Modifier",
    report="Déclarer qu\N{RIGHT SINGLE QUOTATION MARK}il existe",
    own="← Ma page",
    no_handle="donnez le nom que la plateforme montrerait",
    what_for="À quoi il sert",
    say_why="Dites pourquoi les outils fournis ne conviennent pas",
    change_why="Modifier.*Pourquoi ils ne conviennent pas",
    missing="Ce qui manque",
    recorded="est enregistrée",
    is_recorded="Enregistré",
    pages=frozenset({"Se connecter", "Votre code", "Enregistré", "Ma page", "À quoi il sert"}),
    code="Votre code pour vous connecter",
    decide_by="À décider d\N{RIGHT SINGLE QUOTATION MARK}ici le",
    approved="Approuvé\N{NO-BREAK SPACE}:",
    steps="étape",
    granted="Vous avez accès",
    create_by="À créer d\N{RIGHT SINGLE QUOTATION MARK}ici le",
    live="En service :",
    is_live="est approuvé, complet et en service",
)


@dataclass
class Somebody:
    """One of the sample, at a phone or a desk. `titles`: of the pages they saw; `letters`: that they read."""

    place: Place
    page: Page
    address: str
    known: str  # what the policy says, in its own language
    since: int  # the last letter before the story
    words: Words = ENGLISH
    titles: list[str] = field(default_factory=list)
    letters: list[Caught] = field(default_factory=list)

    @property
    def home(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.place.portal_port}"

    def of_ours(self, said: str) -> Sequence[str]:
        """Sentences of ours in English, where another language is spoken."""
        return left_in_english(said, self.words.language, self.known)

    async def sees(self) -> None:
        """Read the page that came."""
        shown = HTMLParser(await self.page.content())
        title = shown.css_first("title")
        assert title is not None
        self.titles.append(title.text().partition(" · ")[0])
        assert shown.css("html")[0].attributes["lang"] == self.words.language, self.titles
        if self.words is not ENGLISH:
            for one in shown.css(f"[lang={SOURCE}], .words"):  # the policy's own words, and what was typed
                one.decompose()
            said = shown.css("body")[0].text(separator=" ")
            assert self.of_ours(said) == [], self.titles
        if PICTURES:
            name = f"{self.words.language}-{self.address.partition('@')[0]}-{len(self.titles):02}.png"
            await self.page.screenshot(path=Path(PICTURES, name), full_page=True)

    async def goes(self, path: str) -> None:
        """Open an address."""
        await self.page.goto(path if path.startswith("http") else self.home + path)
        await self.sees()

    async def presses(self, what: str | Locator) -> None:
        """Press a button or a link, by what it says, and read the page that it leads to."""
        if isinstance(what, str):
            named = partial(self.page.get_by_role, name=what, exact=True)
            what = named("button").or_(named("link")).first
        await clicked(what)
        await self.sees()

    async def fills(self, **fields: str | Sequence[str]) -> None:
        """Fill in, choose or tick, by the fields' names."""
        for name, values in fields.items():
            found = self.page.locator(f"main [name={name}]")
            for place, value in enumerate([values] if isinstance(values, str) else values):
                kind = await found.first.evaluate("one => one.type")
                if kind in {"radio", "checkbox"}:
                    await self.page.locator(f"main [name={name}][value='{value}']").check()
                elif kind == "select-one":
                    await found.select_option(value)
                else:
                    await found.nth(place).fill(value)

    def unread(self) -> list[Caught]:
        """The letters to this person since the story began that were not opened yet."""
        read = {one.number for one in self.letters}
        return [
            one
            for one in read_mail(self.place.data / "mail")
            if one.number > self.since and one.number not in read and self.address in one.delivered_to
        ]

    async def gets(self, subject: str, about: str) -> Caught:
        """The next letter to this person with these words in its subject, as the mail server has it.

        `about`: words of its text. It is read: a sentence of ours in another language fails the story.
        """

        wanted = " ".join(subject.split())  # French has spaces of its own

        def there() -> Caught | None:
            fits = (
                one for one in self.unread() if wanted in " ".join(one.subject.split()) and about in one.text
            )
            return next(fits, None)

        def instead() -> list[str]:
            return [one.subject for one in self.unread()]

        one: Caught = await asyncio.to_thread(until, self.place, there, f"{subject}", instead)
        self.letters.append(one)
        if self.words is not ENGLISH:
            assert self.of_ours(f"{one.subject}\n{one.text}") == [], one.text
            assert self.of_ours(HTMLParser(one.html).css("body")[0].text(separator=" ")) == []
        return one

    async def opens(self, letter: Caught) -> None:
        """Press the letter's button. In plain text it is the same address."""
        buttons = [unescape(one) for one in _BUTTON.findall(letter.html)]
        assert len(buttons) == 1, letter.subject
        assert buttons[0] in letter.text, letter.text
        assert buttons[0].startswith(f"{self.home}/"), buttons
        await self.goes(buttons[0])

    async def chooses(self, words: Words) -> None:
        """Choose a language at the foot of the page."""
        if words is not self.words:
            self.words = words
            await self.presses(words.calls_itself)

    async def signs_in(self, *, by_link: bool) -> None:
        """From the sign-in page, by the letter's code or by its link; on to where they wanted to go."""
        await self.page.locator("[name=address]").fill(self.address)
        await self.presses(self.words.send)
        letter = await self.gets(self.words.code, "")
        if by_link:
            found = _LINK.search(letter.text)
            assert found is not None, letter.text
            await self.goes(found[0])
        else:
            code = _CODE.search(letter.subject)
            assert code is not None, letter.subject
            await self.page.locator("[name=code]").fill(code[1])
        await self.presses(self.words.sign_in)


@asynccontextmanager
async def somebody(
    browser: Browser, place: Place, address: str, device: Mapping[str, Any], policy: Policy
) -> AsyncIterator[Somebody]:
    """Somebody with a browser in which nobody was signed in before."""
    context = await browser.new_context(java_script_enabled=False, **device)
    context.set_default_timeout(60_000)
    since = max((one.number for one in read_mail(place.data / "mail")), default=0)
    yield Somebody(place, await context.new_page(), address, corpus(policy), since)
    await context.close()

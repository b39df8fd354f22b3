"""The policy: what is in use, and a changed file looked over, tried and adopted."""

import asyncio
from dataclasses import dataclass
from datetime import date
from functools import partial
from importlib import import_module
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from policy.model import Policy, text_of, warnings_of
from portal import uploads
from portal.asking import form, ground, looks_after, person, typed
from portal.doing import before_it, hand_in, new_key
from portal.errors import status_of
from portal.kept import recorded
from portal.pages import go_to, page
from portal.saying import in_page_words, on_page
from portal.uploads import Kept
from schemas.errors import BadInput, BadPolicy, NotAllowed, NotNow, Slip, StewardError, StoreUnavailable
from schemas.language import half, said, t
from tasks.acts.consequences import Consequences
from tasks.adoption.adopt import Change, what_changes
from tasks.adoption.listing import list_adopted
from tasks.store import adopted
from tasks.store.holders import offices_held

if TYPE_CHECKING:
    from tasks.rehearsal import Happening

_NIGHTS = 7  # more takes longer than a proxy waits
_NAMED = 200
_trying = asyncio.Lock()


@dataclass(frozen=True)
class Kind:
    """Things of one kind that would happen: how many, of what, from when to when, and by which clause."""

    count: int
    what: str
    first: date
    last: date
    because: str


@dataclass(frozen=True)
class Tried:
    """What the coming nights would bring more, and less, than under the policy in use."""

    nights: int
    more: tuple[Kind, ...]
    less: tuple[Kind, ...]
    losses: "tuple[Happening, ...]"
    letters: tuple[int, int]


async def _may_look(request: Request) -> bool:
    """Whether who asks may adopt too. Raises NotAllowed for people who do neither."""
    mine = await looks_after(request)
    if not mine.policy:
        policy = await ground(request).policy()
        raise NotAllowed(f"The policy file is looked over by the {policy.label(policy.duties.keeps_policy)}.")
    return mine.adopts


async def show(request: Request) -> Response:
    """What is in use; a file that was brought: its slips, its differences, a try of it, its adoption."""
    adopts, here, me = await _may_look(request), ground(request), await person(request)
    if request.method != "POST":
        key = request.query_params.get("key", "")
        done = on_page(here.said(f"{me.person}/{key}")) or (t("It is recorded in your name.") if key else "")
        return await _first(request, adopts=adopts, done=done)
    sent = await form(request)
    try:
        key = str(sent.get("key") or "")
        if sent.get("adopt") and key and await recorded(request, "adopt-a-policy", key) is not None:
            return go_to(f"/policy?key={quote(key)}")  # the same press once more
        kept = await _file(request, sent)
        request.state.typed = [*typed(request), ("sha256", kept.sha256)]
        return await _with(request, sent, kept, adopts=adopts)
    except StoreUnavailable:
        raise
    except StewardError as error:
        return await _first(request, adopts=adopts, error=error)
    finally:
        await sent.close()


async def _file(request: Request, sent: FormData) -> Kept:
    here, me = ground(request), await person(request)
    files = [one for one in sent.getlist("file") if isinstance(one, UploadFile) and one.filename]
    before = str(sent.get("sha256") or "")
    if files or not before:
        return await uploads.keep(here.settings, me.person, files[:1])
    kept = uploads.find(here.settings, me.person, before)
    if kept is None:
        raise BadInput("The file is not kept here any more: choose it again.")
    return kept


async def _with(request: Request, sent: FormData, kept: Kept, *, adopts: bool) -> Response:
    here, me = ground(request), await person(request)
    used = await here.policy(anew=True)
    change = await what_changes(here.store, used, kept.path, await here.today())
    async with here.store.read() as session:
        held = await offices_held(session, await here.today())
    slips = await asyncio.to_thread(
        partial(warnings_of, text_of(kept.path), kept.path, held, used=used.as_filed)
    )
    values = {
        "file": str(kept.path),
        "in_place_of": used.document.version,
        "despite_warnings": bool(sent.get("despite_warnings")),
    }
    key = str(sent.get("key") or new_key())
    if sent.get("adopt") and sent.get("sha256") == kept.sha256:  # other bytes are looked over first
        shown = {**values, "in_place_of": str(sent.get("in_place_of") or "")}
        _, after = await hand_in(request, "adopt-a-policy", shown, key)
        uploads.forget(here.settings, me.person, kept.sha256)
        return go_to(f"/policy?key={key}", after)
    expected: Consequences | None = None
    if adopts and change.differences and (values["despite_warnings"] or not slips):
        expected = await before_it(request, "adopt-a-policy", {**values, "dry_run": True})
    tried = await _try(request, change, str(sent.get("nights") or "")) if sent.get("try") else None
    return await page(
        request,
        "policy_changed.html",
        kept=kept,
        change=change,
        slips=[Slip(one.line, f"{one.key}{one.value and f' = {one.value}'}", one.said) for one in slips],
        tried=tried,
        expected=expected,
        adopts=adopts,
        despite=values["despite_warnings"],
        most=_NIGHTS,
        key=key,
    )


async def _try(request: Request, change: Change, nights: str) -> Tried:
    """The coming nights on copies of the store, under both policies. Raises NotNow while one is tried."""
    if not nights.isascii() or not nights.isdecimal() or not 0 < int(nights[:3]) <= _NIGHTS:
        raise BadInput(f"Try it for 1 to {_NIGHTS} nights; `steward policy try` goes further.")
    if _trying.locked():
        raise NotNow("Somebody tries a policy just now: look again in a minute.")
    here = ground(request)
    async with _trying:
        room = await asyncio.to_thread(import_module, "tasks.rehearsal")  # with all of the mail, for few
        under = partial(room.rehearse, here.store, settings=here.settings, now=here.now(), days=int(nights))
        before, after = await under(change.used), await under(change.policy)
    more, less = room.only_under(after, before), room.only_under(before, after)
    return Tried(
        int(nights),
        _kinds(more, change),
        _kinds(less, change),
        tuple(one for one in more if one.is_loss)[:_NAMED],
        (sum(after.letters.values()), sum(before.letters.values())),
    )


def _kinds(happened: "tuple[Happening, ...]", change: Change) -> tuple[Kind, ...]:
    """Losses first."""

    def kind(one: "Happening") -> tuple[bool, str, str]:
        return (not one.is_loss, one.what, one.control)

    found = []
    for (asked, what, control), group in groupby(sorted(happened, key=kind), key=kind):
        days = sorted(one.on for one in group)
        because = _because(control, change.policy) or _because(control, change.used)
        found.append(Kind(len(days), f"asked: {what}" if asked else what, days[0], days[-1], because))
    return tuple(found)


def _because(control: str, policy: Policy) -> str:
    number = policy.number_of(control)
    return f"{number} {policy.title_of(control)}" if number else ""


async def _first(
    request: Request, *, adopts: bool, error: StewardError | None = None, done: str = ""
) -> Response:
    here = ground(request)
    policy = await here.policy(anew=True)
    return await page(
        request,
        "policy.html",
        status=status_of(error) if error else 200,
        error=in_page_words(error) if error else "",
        slips=error.slips if isinstance(error, BadPolicy) else (),
        file=error.file if isinstance(error, BadPolicy) else "",
        used=policy.document,
        listed=await list_adopted(here.store),
        adopts=adopts,
        adopting=t(" or ").join(
            said(half("the {office}", office=policy.label(one))) for one in policy.duties.adopts_policy
        ),
        zone=policy.zone,
        said=done,
    )


async def text(request: Request) -> Response:
    """An adopted policy word for word."""
    await _may_look(request)
    here, which = ground(request), request.query_params.get("number", "")
    if not which:
        content = (await adopted.used(here.store, here.settings.policy_file)).text
    else:
        async with here.store.read() as session:
            content = (await adopted.one(session, which)).content
    return PlainTextResponse(content)


ROUTES = [
    Route("/policy", show, methods=["GET", "POST"]),
    Route("/policy/text", text),
]

"""Forms under way and answers to forms, at addresses of their own: "back" and "reload" show them again.

An answer to a form that is shown at once can't be gone back to: the browser would have to send the form anew.
So a form is kept and then looked at, and an answer is kept and then shown. What is kept is locked with a word
in a cookie of this browser (`tasks.sign_in.kept`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portal.asking import cookie, ground, keep_cookie, person
from portal.doing import LONGEST_KEY, new_key, recorded_under
from portal.fields import people_in
from schemas.errors import StoreUnavailable
from schemas.outcome import Subject
from schemas.receipt import Receipt
from schemas.words import SubjectKind
from tasks.acts.once import Since, handed_in, recorded_since
from tasks.acts.table import ACTS
from tasks.sign_in import kept
from tasks.sign_in.tokens import hashed, new_token

COOKIE = "forms"
#: So many forms under way are listed.
DRAFTS_SHOWN = 10
_VERSION = 16
#: What an act's form calls the row that it is about, by what it is.
_FIELDS: Mapping[SubjectKind, str] = {
    SubjectKind.ACCOUNT: "account",
    SubjectKind.REQUEST: "request",
    SubjectKind.SCHOOL: "school",
    SubjectKind.BRAKE: "brake",
    SubjectKind.PAGE: "page",
    SubjectKind.ENQUIRY: "enquiry",
    SubjectKind.LEAVE: "leave",
    SubjectKind.INCIDENT: "incident",
    SubjectKind.CORRECTION: "correction",
}
_ROWS = frozenset({*_FIELDS.values(), "accounts", "row", "removal"})
#: What somebody else has done does not end what one has to do oneself.
_EACH_FOR_THEMSELVES = frozenset({"accept-responsibility", "confirm-a-new-password", "confirm-a-stop"})
#: What is recorded again and again about the same, each time with something else in it.
_NOT_THE_LAST = frozenset({"rename-an-account", "note-an-outside-sanction"})
#: An account that is asked for is there only once its request is.
_ASKED_FOR = frozenset({"platform", "handle"})


def _browser(request: Request) -> str:
    """The word of this browser; a new one where it has none, which the answer has to give it."""
    if not hasattr(request.state, "forms"):
        request.state.forms = cookie(request, COOKIE) or new_token()
    word: str = request.state.forms
    return word


def with_cookie(request: Request, answer: Response) -> Response:
    """The same answer, with the word of this browser."""
    keep_cookie(request, answer, COOKIE, _browser(request), kept.LASTS)
    return answer


@dataclass(frozen=True)
class Draft:
    """A form that was begun and not recorded, and when it was sent last. `typed`: what stands in it."""

    key: str
    act: str
    at: datetime
    typed: Mapping[str, Sequence[str]]


def version(typed: Mapping[str, Sequence[str]]) -> str:
    """What stands in a form, as one word: whether it is still what a page showed.

    A field that nothing was typed into is as one that the page has not: pages leave such fields out.
    """
    filled = {name: its for name, words in typed.items() if (its := [one for one in words if one.strip()])}
    return hashed(json.dumps(filled, sort_keys=True))[:_VERSION]


async def keep_form(
    request: Request, act: str, key: str, typed: Mapping[str, Sequence[str]], back: str, next_: str
) -> Response:
    """Keep what was typed, and go to the address that shows what comes next.

    Raises StoreUnavailable; HTTPException 413 where it is too large to be kept: nothing is lost unsaid.
    """
    await _keep_draft(request, act, key, typed, back)
    return with_cookie(request, RedirectResponse(next_, status_code=303))


async def _keep_draft(
    request: Request, act: str, key: str, typed: Mapping[str, Sequence[str]], back: str
) -> None:
    here, me, word = ground(request), await person(request), _browser(request)
    what = {"act": act, "typed": {name: list(words) for name, words in typed.items()}, "back": back}
    if not await kept.keep(here.store, word, key, me.person, what, now=here.now()):
        raise HTTPException(413)
    others = [one for one in await _begun(request) if one[0] != key]
    await _list(request, [(key, act, here.now().isoformat()), *others[: DRAFTS_SHOWN - 1]])


async def _list(request: Request, begun: Sequence[tuple[str, str, str]]) -> None:
    here, me = ground(request), await person(request)
    await kept.keep(
        here.store, _browser(request), _list_of(me.person), me.person, {"begun": list(begun)}, now=here.now()
    )


async def unlist_form(request: Request, key: str) -> None:
    """Its act was refused to who typed it: the form stays at its address, and is listed no more."""
    begun = await _begun(request)
    left = [one for one in begun if one[0] != key]
    if left != begun:
        await _list(request, left)


def _about(act: str, typed: Mapping[str, Sequence[str]]) -> Mapping[str, frozenset[str]]:
    """What a form of the act is about: its fields that name an account, another row or people.

    Nothing where it names no row that is there: two such forms may be meant, as two absences are.
    """
    people = people_in(ACTS[act].load().form)
    filled = {
        name: frozenset(one.strip().casefold() for one in words if one.strip())
        for name, words in typed.items()
        if name in _ROWS | _ASKED_FOR or name in people
    }
    found = {name: words for name, words in filled.items() if words}
    return found if found.keys() & _ROWS or found.keys() >= _ASKED_FOR else {}


async def end_forms(
    request: Request, act: str, typed: Mapping[str, Sequence[str]], about: Subject, *, but: str = ""
) -> None:
    """The act was recorded: what else was begun of it, about the same, is wanted no longer.

    `about`: what was recorded is about. Where that is something new, as a question that came to an account,
    another form of it may be something new as well, and stays; so does one of what is recorded again and
    again. `but`: the key of a form that stays.
    """
    if act in _NOT_THE_LAST:
        return
    its = _about(act, typed)
    named = str(about.id) in its.get(_FIELDS.get(about.kind, ""), ())
    of_access = about.kind is SubjectKind.ACCESS and "account" in its
    if not (named or of_access or its.keys() >= _ASKED_FOR):
        return
    for one in await drafts(request):
        if one.act == act and one.key != but and _about(act, one.typed) == its:
            await drop_form(request, one.key)


def _list_of(person_id: int) -> str:
    return f"forms of {person_id}"


async def _begun(request: Request) -> list[tuple[str, str, str]]:
    """Key, act and moment of each form that was sent in this browser, the latest first."""
    found = await find(request, _list_of((await person(request)).person)) or {}
    return [(key, act, at) for key, act, at in found.get("begun", ())]


async def drafts(request: Request) -> Sequence[Draft]:
    """The forms that who asks began in this browser and has not recorded, the latest first."""
    found = []
    for key, act, at in await _begun(request):
        if (its := await form_under_way(request, key, act)) is not None:
            found.append(Draft(key, act, datetime.fromisoformat(at), its["typed"]))
    return found


def _form_of(act: str) -> str:
    return ACTS[act].load().form.__name__


async def wanted_drafts(request: Request) -> Sequence[Draft]:
    """The same without those that somebody has recorded since, about just that: see `_done_elsewhere`."""
    begun = await drafts(request)
    if not begun:
        return begun
    async with ground(request).store.read() as session:
        forms = {_form_of(one.act) for one in begun}
        since = await recorded_since(session, forms, min(one.at for one in begun))
    return [one for one in begun if not any(_done_elsewhere(one, its) for its in since)]


def _done_elsewhere(draft: Draft, since: Since) -> bool:
    """Whether it was recorded in another browser, or by somebody else.

    Never of a form that names people, or several accounts: what was recorded may have named others.
    Nor of what each does for themselves, nor where both are to be recorded: a new address, and an id.
    """
    if draft.act in _EACH_FOR_THEMSELVES | _NOT_THE_LAST:
        return False
    its = _about(draft.act, draft.typed)
    number = _FIELDS.get(since.about.kind, "")
    same = its.keys() == {number} and its[number] == {str(since.about.id)}
    return same and since.form == _form_of(draft.act) and since.at > draft.at


async def apart(request: Request, act: str, key: str, typed: Mapping[str, Sequence[str]], seen: str) -> bool:
    """Whether another tab changed the form since a page showed it as `seen`, or recorded it.

    What is sent now is then a form of its own: in its place, one of the two would be lost.
    """
    now = await form_under_way(request, key, act)
    changed = bool(seen) and now is not None and version(now["typed"]) not in {seen, version(typed)}
    return changed or await recorded(request, act, key) is not None


async def forget_form(
    request: Request, act: str, key: str, typed: Mapping[str, Sequence[str]], about: Subject
) -> None:
    """It was recorded: what was typed goes, and a hash of it stays, by which another tab's is told apart.

    What another tab put in its place since is a form of its own from now on.
    """
    here, me = ground(request), await person(request)
    if not (word := cookie(request, COOKIE)):
        return
    await end_forms(request, act, typed, about, but=key)
    other = await form_under_way(request, key, act)
    if other is not None and version(other["typed"]) != version(typed):
        await _keep_draft(request, act, new_key(), other["typed"], other["back"])
    await kept.keep(here.store, word, key, me.person, {"recorded": version(typed)}, now=here.now())


async def recorded_otherwise(
    request: Request, act: str, key: str, typed: Mapping[str, Sequence[str]]
) -> str | None:
    """Where another tab recorded this form with something else in it: the key of a form of its own for this.

    None where nothing was recorded under the key, or just this.
    """
    before = (await find(request, key) or {}).get("recorded")
    if before in {None, version(typed)}:
        return None
    same = (
        one.key for one in await drafts(request) if one.act == act and version(one.typed) == version(typed)
    )
    return next(same, new_key())


async def drop_form(request: Request, key: str) -> None:
    """Who typed it wants it no longer. Somebody else's is as one that is not there."""
    if await form_under_way(request, key) is not None:
        me = await person(request)
        await kept.forget(ground(request).store, _browser(request), key, me.person)


async def find(request: Request, key: str) -> dict[str, Any] | None:
    """What this browser keeps under the key for who is signed in; None where there is nothing."""
    here, me = ground(request), await person(request)
    if not (word := cookie(request, COOKIE)):
        return None
    async with here.store.read() as session:
        return await kept.find(session, word, key, me.person, here.now())


async def form_under_way(request: Request, key: str, act: str = "") -> dict[str, Any] | None:
    """What was typed under this key, and where it goes back to; None where nothing is kept.

    `act`: of this act alone. A form of another one has other fields.
    """
    found = await find(request, key)
    if found is None or "typed" not in found or act not in {"", found.get("act", act)}:
        return None
    return found


async def recorded(request: Request, act: str, key: str) -> Receipt | None:
    """What was recorded of this act under this key already; None where nothing was."""
    here, me = ground(request), await person(request)
    zone = (await here.policy()).zone
    async with here.store.read() as session:
        return await handed_in(session, recorded_under(me.person, act, key[:LONGEST_KEY]), zone)


async def keep_answer(
    request: Request, made: str, status: int, after: BackgroundTask | None
) -> Response | None:
    """Keep the answer to a form of who is signed in, and go to it; None where it can't be kept."""
    here, me, key = ground(request), await person(request), new_token()
    what = {"answer": made, "status": status}
    try:
        if not await kept.keep(here.store, _browser(request), key, me.person, what, now=here.now()):
            return None
    except StoreUnavailable:
        return None
    return with_cookie(request, RedirectResponse(f"/answer/{quote(key)}", status_code=303, background=after))


async def keep_for(request: Request, owner: int, typed: Sequence[tuple[str, str]], path: str) -> str:
    """Keep for who typed it what somebody else sent to `path`; the address at which they find it.

    Empty where it can't be kept.
    """
    here, key = ground(request), new_token()
    what = {"sent": [list(one) for one in typed], "path": path}
    try:
        if not await kept.keep(here.store, _browser(request), key, owner, what, now=here.now()):
            return ""
    except StoreUnavailable:
        return ""
    return f"/answer/{quote(key)}"

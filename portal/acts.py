"""A page for every act, made from its form: what it does, its fields, what would happen, and doing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from policy.notices.words import with_days
from portal.ahead import decided_by
from portal.asking import form, ground, local_path, looks_after, person
from portal.doing import LONGEST_KEY, before_it, hand_in, new_key, wrong_with
from portal.errors import status_of
from portal.fields import Shown, asks_for_settings, fields, given, has_page, needs_picks, offers, values
from portal.kept import (
    apart,
    forget_form,
    form_under_way,
    keep_form,
    recorded,
    recorded_otherwise,
    unlist_form,
    version,
)
from portal.language import spoken_from_now
from portal.naming import OF_ACCOUNTS, in_words, named, names, numbered
from portal.pages import go_to, page
from portal.saying import in_page_words, on_page, who_may
from schemas.errors import NotAllowed, StewardError, StoreUnavailable
from schemas.forms import ActForm, ShortPage
from schemas.language import t
from schemas.outcome import Subject
from tasks.accounts.reading import settings as its_settings
from tasks.acts.act import Act, described
from tasks.acts.consequences import Consequences
from tasks.acts.table import ACTS, Entry, titled
from tasks.incidents.deciding import ReportDecisionForm
from tasks.incidents.reading import possible_verdicts
from tasks.people.picks import Picks, own_answers, picks
from tasks.requests.hand_in import RequestForm

_LONGEST_NUMBER = 9


def _entry(request: Request) -> tuple[str, Entry]:
    name = str(request.path_params["name"])
    if not has_page(name):  # files come in by pages of their own, with the difference first
        raise HTTPException(404)
    return name, ACTS[name]


@dataclass(frozen=True)
class UnderWay:
    """A form that somebody fills in. `key` makes it their own: they may fill in several at once.

    `apart`: the key of the form that it was before another tab changed that, or recorded it. `whole`: a link
    had it all, and there was nothing to fill in.
    """

    name: str
    act: Act[Any, Any]
    typed: Mapping[str, Sequence[str]]
    key: str
    back: str
    apart: str = ""
    whole: bool = False

    @property
    def pages(self) -> Sequence[ShortPage]:
        """The short pages that its fields are asked for on; none where all stand on one."""
        form: type[ActForm] = self.act.form
        return form.pages

    def at(self, **more: str | int) -> str:
        """The address of the form, or of what is said here."""
        before = {"apart": self.apart} if self.apart else {}
        return f"/acts/{self.name}?{urlencode({'key': self.key, **more, **before})}"


async def one(request: Request) -> Response:
    """The form of an act; then what would happen; then it is done.

    Each is at an address of its own, which has the form's key: a form that was sent is kept, and then looked
    at, so that going back finds it as it was.
    """
    await person(request)
    if (elsewhere := _elsewhere(request)) and request.method != "POST":
        return go_to(elsewhere)
    name, entry = _entry(request)
    if request.method != "POST":
        return await _opened(request, name, entry.load())
    act, typed = entry.load(), await form(request)
    key = str(typed.get("key") or new_key())[:LONGEST_KEY]
    back = local_path(str(typed.get("back") or "/"))
    said, _ = await numbered(request, given(typed, act.form))
    return await _sent(request, UnderWay(name, act, said, key, back), typed)


async def begun(
    request: Request, name: str, typed: Mapping[str, Sequence[str]], key: str, back: str
) -> Response:
    """An act's form that a page of its own filled in: it is kept, and what would happen comes next."""
    return await _sent(request, UnderWay(name, ACTS[name].load(), typed, key[:LONGEST_KEY], back), FormData())


async def _opened(request: Request, name: str, act: Act[Any, Any]) -> Response:
    """The form as it stands, one of its short pages, or what would happen."""
    asked = request.query_params
    key, back = asked.get("key", "")[:LONGEST_KEY], local_path(asked.get("back"))
    found = given(asked, act.form)
    if not key:
        if act.form is RequestForm and not found:
            found = await _likely(request)
        return go_to(f"/acts/{name}?{urlencode([*_hidden(found), ('back', back), ('key', new_key())])}")
    here = await form_under_way(request, key, name)
    if here is None and (before := await recorded(request, name, key)) is not None:
        return go_to(f"/done?{_after(before.subject, name, key, back)}")
    if here is None and {"check", "page"} & set(asked):  # its day is over, or it was another browser
        return go_to(f"/acts/{name}")
    apart_from = asked.get("apart", "")[:LONGEST_KEY]
    at = UnderWay(
        name, act, here["typed"] if here else found, key, here["back"] if here else back, apart_from
    )
    if here is not None:  # so that an error page has it too
        request.state.typed = [*_hidden(at.typed), ("key", key), ("back", at.back)]
    if "check" in asked:
        return await _check(request, at)
    if here is None and found and not at.pages and not set(act.form.model_fields) - {"actor", *found}:
        return await _check(request, replace(at, whole=True))
    wrong = await wrong_with(request, act, values(at.typed, act.form)) if "wrong" in asked else {}
    return await _form(request, at, _number(asked.get("page")), wrong=wrong, then=asked.get("then", ""))


async def _likely(request: Request) -> dict[str, list[str]]:
    """What stands in the form for an account at first: their own school, and themself as administrator."""
    me = await person(request)
    async with ground(request).store.read() as session:
        school, address = await own_answers(session, me.person)
    return {"school": [school], "administrators": [address]} if school else {}


def _hidden(typed: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    return [(field, word) for field, words in typed.items() for word in words]


async def _sent(request: Request, at: UnderWay, typed: FormData) -> Response:
    """Record it where its consequences were shown; else keep it, and go to what comes next."""
    taken = values(at.typed, at.act.form)
    if typed.get("confirmed"):
        if own := await recorded_otherwise(request, at.name, at.key, at.typed):
            at = replace(at, key=own, apart=at.key)
            return await keep_form(request, at.name, at.key, at.typed, at.back, at.at(check=1))
        seen_before = str(typed.get("expected") or "")
        if await recorded(request, at.name, at.key) is not None:
            seen_before = ""  # pressed twice: the answer is the first one's
        try:
            if seen_before and (await before_it(request, at.name, taken)).mark != seen_before:
                otherwise = at.at(check=1, otherwise=1)
                return await keep_form(request, at.name, at.key, at.typed, at.back, otherwise)
            done, after = await hand_in(request, at.name, taken, at.key)
        except StoreUnavailable:
            raise
        except StewardError:  # it became impossible meanwhile: the page looks again, and says why
            return await keep_form(request, at.name, at.key, at.typed, at.back, at.at(check=1))
        await forget_form(request, at.name, at.key, at.typed, done.subject)
        return go_to(f"/done?{_after(done.subject, at.name, at.key, at.back)}", after)
    if await apart(request, at.name, at.key, at.typed, str(typed.get("seen") or "")):
        at = replace(at, key=new_key(), apart=at.key)
    language = str(typed.get("language") or "")  # pressed at the foot: what is typed goes with it
    kept = await keep_form(
        request, at.name, at.key, at.typed, at.back, await _next(request, at, typed, stays=bool(language))
    )
    return await spoken_from_now(request, language, kept) if language else kept


async def _next(request: Request, at: UnderWay, typed: FormData, *, stays: bool) -> str:
    """The address to go to from a form or a short page that was sent; its own where it `stays`."""
    if not at.pages:
        return at.at() if stays else at.at(check=1)
    number = min(max(_number(typed.get("page")), 1), len(at.pages))
    if to := number if stays else _number(typed.get("to")):
        return at.at(page=to)
    wrong = await wrong_with(request, at.act, values(at.typed, at.act.form))
    if wrong.keys() & set(at.pages[number - 1].fields):
        return at.at(page=number, wrong=1, **({"then": "check"} if typed.get("then") else {}))
    return at.at(check=1) if number == len(at.pages) or typed.get("then") else at.at(page=number + 1)


def _number(given: object) -> int:
    """The number of a page; 0 for anything else."""
    return (
        int(given) if isinstance(given, str) and given in {"1", "2", "3", "4", "5", "6", "7", "8", "9"} else 0
    )


async def _check(request: Request, at: UnderWay) -> Response:
    """What was typed, and what would happen; where it is not possible, why, and the form again.

    Of short pages: what is wrong on one of them is said there; on several of them, here and all at once.
    """
    error: StewardError | None = None
    asks = at.act.form is RequestForm
    expected, taken = Consequences((), ()), values(at.typed, at.act.form)
    wrong = await wrong_with(request, at.act, taken) if at.pages else {}
    offered = await _offered(request, at.act.form)
    policy, settings = await ground(request).policy(), await _settings(request, at)
    shown = fields(at.act.form, policy, at.typed, offered, _in_words(at, wrong), settings)
    asked = {one.name: one for one in shown if wrong and (one.wrong or one.is_wanted)}
    problems = [asked[name] for one in at.pages for name in one.fields if name in asked]
    pages = [number for number, one in enumerate(at.pages, start=1) if asked.keys() & set(one.fields)]
    if len(pages) == 1:
        return await _form(request, at, pages[0], wrong=wrong, then="check")
    try:
        if not problems:
            expected = await before_it(request, at.name, taken)
    except StoreUnavailable:
        raise
    except StewardError as raised:
        error = raised
        if isinstance(raised, NotAllowed):  # sent again otherwise, it is listed again
            await unlist_form(request, at.key)
        if not at.pages:
            return await _form(request, at, error=error, wrong=error.fields)
    numbers = [number for name in OF_ACCOUNTS for number in at.typed.get(name, ())]
    accounts = await names(request, numbers, {str(number): called for number, called in offered.accounts})
    return await page(
        request,
        "confirm.html",
        status=status_of(error) if error else 400 if problems else 200,
        name=at.name,
        title=t(titled(at.name)),
        account=await _account(request, at.typed),
        problems=problems,
        answers=_answers(at, shown, accounts),
        hidden=_hidden(at.typed),
        apart=at.apart,
        expected=expected,
        otherwise=bool(request.query_params.get("otherwise")),
        decides=await decided_by(request, at.typed) if asks and not (error or problems) else None,
        says=with_days(await named(request, on_page(expected.says, at.act.form), accounts)),
        error=await named(request, in_page_words(error, at.act.form), accounts) if error else "",
        key=at.key,
        back=at.back,
        change="" if at.whole else at.at(),
    )


def _answers(
    at: UnderWay, shown: Sequence[Shown], accounts: Mapping[str, str]
) -> list[tuple[str, str, str, str]]:
    """Each answer with its label, where it is changed, and its field; of short pages the open ones too."""
    by_name = {one.name: one for one in shown}
    said_of = {one.name: in_words(one.name, one.options, one.value, accounts) for one in shown}
    if not at.pages:
        return [(t(one.label), said_of[one.name], "", "") for one in shown if said_of[one.name]]
    return [
        (
            t(by_name[field].label),
            said_of[field],
            at.at(page=number, then="check"),
            field,
        )
        for number, one in enumerate(at.pages, start=1)
        for field in one.fields
    ]


def _in_words(at: UnderWay, wrong: Mapping[str, str]) -> Mapping[str, str]:
    """What is wrong with each field, for who reads a page."""
    return {name: on_page(why, at.act.form) for name, why in wrong.items()}


def _elsewhere(request: Request) -> str:
    """The page of its own that some acts have; empty for all others."""
    report = request.query_params.get("report", "")
    if str(request.path_params["name"]) not in {"list-contact-reports", "look-at-a-contact-report"}:
        return ""
    return f"/contacts/{report}" if report.isascii() and report.isdecimal() else "/contacts"


async def _account(request: Request, typed: Mapping[str, Sequence[str]]) -> str:
    """What people call the account whose number stands in the form; empty where there is none."""
    number = "".join(typed.get("account", ()))
    return (await names(request, [number])).get(number, "")


def _after(subject: Subject, name: str, key: str, back: str) -> str:
    return urlencode(
        {"act": name, "kind": subject.kind.value, "number": subject.id, "key": key, "back": back}
    )


async def _offered(request: Request, form_of: type[ActForm]) -> Picks:
    """Whom and what the form offers; nothing is read for one that asks for neither."""
    if not needs_picks(form_of):
        return Picks()
    here, me, mine = ground(request), await person(request), await looks_after(request)
    policy = await here.policy()
    async with here.store.read() as session:
        return await picks(session, policy, me.person, mine)


async def _settings(request: Request, at: UnderWay) -> Sequence[tuple[str, str]] | None:
    """The privacy settings of the account in the form; empty where who asks may not see it.

    None without an account, and of a form that asks for none.
    """
    number = "".join(at.typed.get("account", ()))[:_LONGEST_NUMBER]
    if not asks_for_settings(at.act.form) or not (number.isascii() and number.isdecimal()):
        return None
    here, me = ground(request), await person(request)
    policy = await here.policy()
    async with here.store.read() as session:
        return await its_settings(session, policy, me.person, int(number), here.now())


async def _possible(request: Request, at: UnderWay) -> frozenset[str] | None:
    """What can be decided on the report in the form; None of other forms, and for who does not decide."""
    number = "".join(at.typed.get("incident", ()))[:_LONGEST_NUMBER]
    if at.act.form is not ReportDecisionForm or not (number.isascii() and number.isdecimal()):
        return None
    here, me = ground(request), await person(request)
    policy = await here.policy()
    async with here.store.read() as session:
        return await possible_verdicts(session, policy, me.person, int(number), here.now())


async def _form(
    request: Request,
    at: UnderWay,
    number: int = 1,
    *,
    error: StewardError | None = None,
    wrong: Mapping[str, str] | None = None,
    then: str = "",
) -> Response:
    """The form, or one of its short pages. `then`: where a short page leads, if not to the next one."""
    policy, offered, form_of = (
        await ground(request).policy(),
        await _offered(request, at.act.form),
        at.act.form,
    )
    settings = await _settings(request, at)
    shown = fields(form_of, policy, at.typed, offered, _in_words(at, wrong or {}), settings)
    possible = await _possible(request, at)
    if possible is not None:  # what was chosen stays, with what is wrong with it
        shown = [
            replace(one, options=[its for its in one.options if its[0] in possible | {"", one.typed}])
            if one.name == "verdict"
            else one
            for one in shown
        ]
    asked: Sequence[Shown] = shown
    number = min(max(number, 1), len(at.pages) or 1)
    if at.pages:
        here = at.pages[number - 1].fields
        asked = [one for one in shown if one.name in here]
    names = {one.name for one in asked}
    problems = [one for one in asked if one.wrong]
    return await page(
        request,
        "act.html",
        status=status_of(error) if error else 400 if problems else 200,
        name=at.name,
        title=t(titled(at.name)),
        account=await _account(request, at.typed),
        about=on_page(described(at.act), form_of),
        who=who_may(at.act.who.parts(policy)),
        clauses=at.act.clauses(policy).strip(" ()"),
        fields=asked,
        hidden=[one for one in _hidden(at.typed) if one[0] not in names] if at.pages else [],
        short=at.pages[number - 1] if at.pages else None,
        number=number,
        pages=len(at.pages),
        then=then,
        seen=version(at.typed),
        apart=at.apart,
        offers=offers(asked, offered),
        error=await named(request, in_page_words(error, form_of)) if error and not problems else "",
        problems=problems,
        key=at.key,
        back=at.back,
    )


ROUTES = [
    Route("/acts/{name}", one, methods=["GET", "POST"]),
]

"""Making pages: Jinja templates, with what every page shows."""

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from policy.notices.words import day, long_moment, short, short_day, short_moment
from portal.asking import MADE_FOR, address, ground, signed_in
from portal.kept import keep_answer
from portal.speaking import others
from schemas.errors import BadFile
from schemas.language import SOURCE, at_time, on_month, said, spoken, with_days
from tasks.translated import Templates, after

HERE = Path(__file__).parent
STATIC = HERE / "static"
#: What is refused for its number costs nothing more.
_TOO_OFTEN = 429
#: What stands in a tag around the policy's own words, which are as its file has them.
_AS_FILED = Markup(' lang="en"')
#: Where a handle or an address may go on in the next line.
_BETWEEN = re.compile(r"(?<=\w[@./_-])(?=\w)")
#: Shorter ones fit a phone.
_LONG = 20
#: What people typed is escaped, so that a form is always one of ours.
_FORM = re.compile('<form method="post"[^>]*>')


@cache
def _version(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def static(name: str) -> str:
    """The address of a file of ours, which changes with what is in it."""
    return f"/static/{name}?v={_version(name)}"


def breaks(name: str) -> Markup:
    """A handle or an address that may go on in the next line after a dot or the like, and nowhere else."""
    parts = (_BETWEEN.split(one) if len(one) >= _LONG else [one] for one in name.split(" "))
    return Markup(" ").join(Markup("<wbr>").join(one) for one in parts)


@cache
def environment(language: str = SOURCE) -> Environment:
    """The pages in a language. Everything is escaped; a name that nobody gave is an error."""
    made = Environment(
        loader=Templates(HERE / "templates", language),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals |= {
        "static": static,
        "language": language,
        "as_filed": "" if language == SOURCE else _AS_FILED,
    }
    made.filters |= {
        "after": after,
        "breaks": breaks,
        "day": day,
        "short_day": short_day,
        "short_moment": short_moment,
        "long_moment": long_moment,
        "clock": at_time,
        "month": on_month,
        "short": short,
        "said": said,
        "with_days": with_days,
    }
    return made


def what_is_wrong(problem: BadFile) -> str:
    """A problem's sentence without its place, which a table has in cells of their own."""
    return str(problem).removeprefix(f"{problem.place}: ")


async def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    after: BackgroundTask | None = None,
    confidential: bool = False,
    **words: Any,
) -> Response:
    """A page. An answer to a form of who is signed in is kept, and shown at an address of its own.

    `confidential`: it is kept nowhere, and so it can't be gone back to.
    """
    here = ground(request)
    policy, me = await here.policy(), await signed_in(request)
    keeps = request.method == "POST" and me is not None and not confidential and status != _TOO_OFTEN
    given = {
        "organization": policy.organization.name,
        "document": policy.document.id,
        "account_called": policy.says_account,
        "me": me,
        "path": address(request) if me else request.url.path,  # a sign-in link is not said again
        "languages": others(),
        "kept": keeps,  # it stays in its language, but for a form that can be shown anew
        **words,
    }
    made = environment(spoken()).get_template(template).render(given)
    if me:  # each form says for whom it was made: see `portal.asking.form`
        its = f'<input type="hidden" name="{MADE_FOR}" value="{me.mark}">'
        made = _FORM.sub(lambda found: found[0] + its, made)
    if keeps and (elsewhere := await keep_answer(request, made, status, after)):
        return elsewhere
    return HTMLResponse(made, status_code=status, background=after)


def bare_page(template: str, *, status: int, organization: str = "", **words: Any) -> Response:
    """A page that asks the store for nothing: for when it is away."""
    given = {
        "organization": organization,
        "document": "",
        "me": None,
        "path": "",
        "languages": others(),
        "kept": False,
        **words,
    }
    return HTMLResponse(environment(spoken()).get_template(template).render(given), status_code=status)


def go_to(path: str, after: BackgroundTask | None = None) -> Response:
    """The answer to a form that was recorded: the page to look at next."""
    return RedirectResponse(path, status_code=303, background=after)

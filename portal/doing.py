"""Handing in an act from a page: the same act as at the terminal, in the name of who is signed in."""

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import Request

from policy.account_request import too_little
from policy.known import refuse_unknown
from policy.model import Policy
from portal.asking import ground, just_signed_in, person
from portal.fields import people_in
from portal.naming import LABELS, numbered
from schemas.errors import BadInput, about_field
from schemas.forms import ActForm, read
from schemas.language import t
from schemas.receipt import Receipt
from schemas.words import Via
from tasks.acts.act import Act
from tasks.acts.consequences import Consequences, consequences
from tasks.acts.table import ACTS
from tasks.requests.hand_in import RequestForm
from tasks.sign_in.tokens import hashed
from tasks.store import lookup
from tasks.store.same import handle_as_kept

#: Of a form's own key.
LONGEST_KEY = 40


def new_key() -> str:
    """What makes a form its own: sent again, it is not recorded again."""
    return secrets.token_urlsafe(18)


async def filled_in(request: Request, act: Act[Any, Any], values: Mapping[str, Any]) -> ActForm:
    """The act's form in the name of who is signed in.

    Raises BadInput with every field that is wrong; SignInAgain for what reaches far, after an old sign-in.
    """
    form = await _read(request, act, values)
    if act.dangerous(form):
        await just_signed_in(request)
    return form


async def wrong_with(request: Request, act: Act[Any, Any], values: Mapping[str, Any]) -> Mapping[str, str]:
    """What is wrong by field, as far as the form, the policy's words and the lists of people say it."""
    here, wrong = ground(request), dict[str, str]()
    policy = await here.policy()
    try:
        refuse_unknown(await _read(request, act, values), policy)
    except BadInput as error:
        wrong |= error.fields
    if act.form is RequestForm and values.get("level") in {one.id for one in policy.levels}:
        wrong = {**_wrong_at_level(policy, values), **wrong}
    async with here.store.read() as session:
        for name, value in values.items():
            try:
                with about_field(name):
                    if name == "school" and value:
                        await lookup.school(session, str(value))
                    elif name == "handle" and "platform" in values:
                        handle_as_kept(policy, str(values["platform"]), str(value))
                    elif name in people_in(act.form):
                        for one in value if isinstance(value, list) else [value]:
                            await lookup.person(session, str(one), must_be_active=False)
            except BadInput as error:
                wrong |= {one: why for one, why in error.fields.items() if one not in wrong}
    return wrong


def _wrong_at_level(policy: Policy, values: Mapping[str, Any]) -> Mapping[str, str]:
    """What a request of that level would come back for, and can be said at once, by its field."""
    level = policy.level(str(values["level"]))
    said = [str(values.get(name, "")) for name in ("why_not", "purpose")]
    found = dict(too_little(policy, level.id, values.get("tools_considered", ()), *said))
    if level.at == "school" and not values.get("school"):
        found["school"] = "Name the school."
    if level.at == "division" and values.get("school"):
        found["school"] = f"A {level.label} account belongs to no school: leave the school empty."
    return found


async def _read(request: Request, act: Act[Any, Any], values: Mapping[str, Any]) -> ActForm:
    me = await person(request)
    fields = act.form.model_fields

    def called(name: str) -> str:
        return t(LABELS.get(name) or fields[name].title or name) if name in fields else name

    try:
        form: ActForm = read(act.form, {**values, "actor": str(me.person)}, called)
    except BadInput as error:  # a handle that leads nowhere is told so, not that it is no number
        given = {name: value if isinstance(value, list) else [str(value)] for name, value in values.items()}
        _, wrong = await numbered(request, given)
        said = "; ".join(f"{called(name)}: {why}" for name, why in wrong.items())
        if wrong and error.fields.keys() <= wrong.keys():
            raise BadInput(f"{said}.", fields=wrong) from None
        error.fields = {**error.fields, **wrong}
        raise
    return form


def recorded_under(person_id: int, act: str, key: str) -> str:
    """Where it is noted that a form of this act was recorded: another act's with the same key is another."""
    return f"web/{person_id}/{hashed(f'{act}/{key}')[:LONGEST_KEY]}"


async def hand_in(
    request: Request, name: str, values: Mapping[str, Any], key: str
) -> tuple[Any, BackgroundTask]:
    """Record it; the receipt, and what is to be done after the answer. Raises what the act raises."""
    here, me, act = ground(request), await person(request), ACTS[name].load()
    key = key[:LONGEST_KEY]
    form = await filled_in(request, act, values)
    done = await act(
        here.store,
        await here.policy(),
        form,
        via=Via.PORTAL,
        now=here.now(),
        key=recorded_under(me.person, name, key) if key else None,
        session_id=me.session,
    )
    if key and isinstance(done, Receipt):
        here.keep_said(f"{me.person}/{key}", done.says)
    return done, BackgroundTask(here.relay_now)


async def before_it(request: Request, name: str, values: Mapping[str, Any]) -> Consequences:
    """What it would do. Raises what the act raises."""
    here, me, act = ground(request), await person(request), ACTS[name].load()
    form = await filled_in(request, act, values)
    return await consequences(
        act, here.store, await here.policy(), form, now=here.now(), session_id=me.session
    )

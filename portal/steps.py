"""One step: what it asks, why, by when, and the button that does it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from policy.controls.display import Display
from policy.controls.text_acknowledged import TextAcknowledged
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.model import Policy
from portal.asking import form, ground, number, person
from portal.doing import hand_in, new_key
from portal.errors import status_of
from portal.pages import go_to, page
from schemas.errors import StewardError, StoreUnavailable
from schemas.words import ItemKind, SubjectKind
from tasks.acts.table import ACTS
from tasks.items.step import Step, ended, own_step


@dataclass(frozen=True)
class Reading:
    """What is to be read before the button is pressed: here, or at its address."""

    title: str
    address: str = ""
    text: str = ""


@dataclass(frozen=True)
class Button:
    """What does it. `act` is pressed here with `values`; `link` leads to where it is done."""

    label: str
    act: str = ""
    values: Mapping[str, str] | None = None
    link: str = ""
    away: bool = False


#: Steps done at another page, with what that page's form already knows.
_FORMS: Mapping[ItemKind, tuple[tuple[str, str], ...]] = {
    ItemKind.CREATE_ACCOUNT: (("Report the account", "report-an-account"),),
    ItemKind.MEND_NOTICE: (("I put it there", "attest-a-notice"),),
    ItemKind.TAKE_HOLD: (("We can reach it", "take-hold-of-an-account"),),
    ItemKind.DECIDE_REINSTATEMENT: (("Bring it back", "reinstate-an-account"),),
    ItemKind.ROTATE_CREDENTIALS: (("I changed it", "record-a-new-password"),),
    ItemKind.REVIEW_ADMINISTRATORS: (("I looked at the list", "review-administrators"),),
    ItemKind.SETTLE_MOVE: (
        ("They stay", "keep-an-administrator"),
        ("It moves", "move-an-account"),
        ("Others take over", "hand-an-account-over"),
        ("Close it", "close-an-account"),
    ),
    ItemKind.NAME_SUCCESSOR: (
        ("Name somebody", "add-an-administrator"),
        ("Replace somebody", "replace-an-administrator"),
        ("Close it", "close-an-account"),
    ),
    ItemKind.ANSWER_BRAKE: (
        ("Let it happen", "let-happen-what-waits"),
        ("It waits", "hold-what-waits"),
    ),
    ItemKind.MEND_FINDING: (
        ("The settings are set", "attest-privacy-settings"),
        ("The notice is there", "attest-a-notice"),
        ("It has another handle or address", "rename-an-account"),
    ),
    ItemKind.SETTLE_ROW: (("Say whose a row is", "settle-a-row"),),
}


def buttons(step: Step, policy: Policy, key: str) -> Sequence[Button]:  # noqa: PLR0911 - a kind each
    """The button of a step; several where one of several things does it."""
    owed, kind = step.owed, ItemKind(step.owed.kind)
    account = str(step.account or "")
    if kind is ItemKind.ACKNOWLEDGE_GUIDELINES:
        return [
            Button(f"I have read {text}", "acknowledge-guidelines", {"guideline": text})
            for text in _texts(step, policy, key)
        ]
    if kind is ItemKind.ACCEPT_RESPONSIBILITY:
        return [Button("I accept responsibility", "accept-responsibility", {"account": account})]
    if kind is ItemKind.CONFIRM_ROTATION:
        return [Button("I have the new password", "confirm-a-new-password", {"account": account})]
    if kind is ItemKind.DECIDE_REQUEST:
        return [Button("Read it and decide", link=f"/decide/{owed.subject}")]
    if kind is ItemKind.MEND_REQUEST:
        return [Button("Complete it", link=f"/requests/{owed.subject}")]
    if kind is ItemKind.COMPLETE_COURSE:
        control = next((one for one in policy.of(TrainingBeforeAccess) if one.name == owed.control), None)
        address = policy.course_by_id(control.course).address if control else None
        return [Button("Open the course", link=address, away=True)] if address else []
    about = {"brake": str(owed.subject)} if owed.subject_kind == SubjectKind.BRAKE else {"account": account}
    asked = urlencode(
        {**{name: value for name, value in about.items() if value}, "back": f"/steps/{owed.item}"}
    )
    return [Button(label, link=f"/acts/{act}?{asked}") for label, act in _FORMS.get(kind, ())]


def _texts(step: Step, policy: Policy, key: str) -> Sequence[str]:
    """The texts that a step asks to be read: the one that its key names, else all of its control."""
    control = next((one for one in policy.of(TextAcknowledged) if one.name == step.owed.control), None)
    texts = control.texts if control else ()
    return [one for one in texts if one in key.split("/")] or list(texts)


def readings(step: Step, policy: Policy, key: str) -> Sequence[Reading]:
    """What is to be read first."""
    kind = ItemKind(step.owed.kind)
    if kind in {ItemKind.ACKNOWLEDGE_GUIDELINES, ItemKind.ACCEPT_RESPONSIBILITY}:
        found = [policy.text(one) for one in _texts(step, policy, key)]
        return [Reading(one.id, str(one.address or ""), one.text or "") for one in found]
    if kind is ItemKind.MEND_NOTICE:
        control = next((one for one in policy.of(Display) if one.name == step.owed.control), None)
        if control is not None:
            texts = [one.text for one in policy.notice_by_id(control.notice).statements]
            return [Reading("The notice, word for word", text="\n\n".join(texts))]
    return []


async def show(request: Request) -> Response:
    """The step of this number, if it waits for who asks; pressing its button does it."""
    here, me, item = ground(request), await person(request), number(request)
    error: StewardError | None = None
    if request.method == "POST":
        typed = await form(request)
        act = str(typed.get("act") or "")
        taken = {name: str(typed[name]) for name in ("account", "guideline") if name in typed}
        if act not in ACTS:
            raise HTTPException(404)
        try:
            _, after = await hand_in(request, act, taken, str(typed.get("key") or ""))
            return go_to(f"/?done={item}", after)
        except StoreUnavailable:
            raise
        except StewardError as raised:
            error = raised
    policy, today = await here.policy(), await here.today()
    async with here.store.read() as session:
        step = await own_step(session, policy, me.person, item, today)
        how = await ended(session, me.person, item) if step is None else None
    if step is None:
        status = 200 if how else 404
        return await page(request, "step_gone.html", status=status, how=how.value if how else "")
    return await page(
        request,
        "step.html",
        status=status_of(error) if error else 200,
        error=error.shown if error else "",
        step=step,
        today=today,
        buttons=buttons(step, policy, step.key),
        readings=readings(step, policy, step.key),
        form_key=new_key(),
    )


ROUTES = [Route("/steps/{number}", show, methods=["GET", "POST"])]

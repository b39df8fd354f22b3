"""One step: what it asks, why, by when, and the button that does it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from policy.action_items import PERSONAL
from policy.controls import Control
from policy.controls.administrators import Administrators
from policy.controls.custody import Custody
from policy.controls.display import Display
from policy.controls.identify_owner import IdentifyOwner
from policy.controls.list_review import ListReview
from policy.controls.look import Look
from policy.controls.rotate_secret import RotateSecret
from policy.enquiries import enquiry_of
from policy.model import Policy
from policy.stops import asks_to_confirm
from portal.asking import form, ground, local_path, number, person
from portal.doing import hand_in, new_key
from portal.errors import status_of
from portal.fields import given, has_page, values
from portal.kept import end_forms
from portal.matters import matters
from portal.naming import named
from portal.pages import go_to, page
from portal.saying import in_page_words
from schemas.errors import StewardError, StoreUnavailable
from schemas.language import later, t
from schemas.words import ItemKind, SubjectKind
from tasks.acts.second_person import SECOND_PERSON
from tasks.acts.table import ACTS
from tasks.items.step import Step, ended, own_step, told_step
from tasks.people.desks import may_ever


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

    @property
    def does(self) -> str:
        """The name of the act that it leads to; empty where it leads to another page."""
        path = self.link.partition("?")[0]
        return self.act or (path.removeprefix("/acts/") if path.startswith("/acts/") else "")


#: Steps done at another page, with what that page's form already knows.
_FORMS: Mapping[ItemKind, tuple[tuple[str, str], ...]] = {
    ItemKind.CREATE_ACCOUNT: ((later("Say that it is there"), "report-an-account"),),
    ItemKind.TAKE_HOLD: ((later("We can reach it"), "take-hold-of-an-account"),),
    ItemKind.DECIDE_REINSTATEMENT: ((later("Bring it back"), "reinstate-an-account"),),
    ItemKind.ROTATE_CREDENTIALS: ((later("I changed it"), "record-a-new-password"),),
    ItemKind.REVIEW_ADMINISTRATORS: ((later("I looked at the list"), "review-administrators"),),
    ItemKind.SETTLE_MOVE: (
        (later("They stay"), "keep-an-administrator"),
        (later("It moves"), "move-an-account"),
        (later("Others take over"), "hand-an-account-over"),
        (later("Close it"), "close-an-account"),
    ),
    ItemKind.NAME_SUCCESSOR: (
        (later("Name somebody"), "add-an-administrator"),
        (later("Replace somebody"), "replace-an-administrator"),
        (later("Close it"), "close-an-account"),
    ),
    ItemKind.LOOK_AGAIN: ((later("I looked"), "check-in"),),
    ItemKind.MEND_MAILBOX: ((later("Let the letters leave"), "release-notices"),),
    ItemKind.ANSWER_BRAKE: (
        (later("Let it happen"), "let-happen-what-waits"),
        (later("Hold it"), "hold-what-waits"),
    ),
    ItemKind.ANSWER_PUBLIC: (
        (later("It is answered"), "answer-an-enquiry"),
        (later("It needs no answer"), "close-an-enquiry"),
    ),
    ItemKind.CORRECT: (
        (later("I acknowledged it"), "acknowledge-misleading-information"),
        (later("It is put right"), "correct-misleading-information"),
        (later("It stays as it is"), "leave-information-as-it-is"),
    ),
    ItemKind.SETTLE_PAGE: (
        (later("It is asked for now"), "adopt-a-page"),
        (later("It is shut"), "shut-a-page"),
        (later("It is not ours"), "dismiss-a-page"),
    ),
    ItemKind.DECIDE_LEAVE: ((later("Decide"), "decide-a-leave"),),
    ItemKind.CONFIRM_LIST: ((later("Confirm the list"), "confirm-a-list"),),
    ItemKind.SETTLE_ROW: (
        (later("Say whether two are one person"), "say-who-is-the-same"),
        (later("A mail domain is none of ours"), "settle-a-mail-domain"),
    ),
}

#: What a second office does about a stop, where it does not end it.
_CONFIRM = (later("Confirm that it is stopped"), "confirm-a-stop")

#: Steps that have a page of their own: what the button says, and where it leads.
_PAGES: Mapping[ItemKind, tuple[str, str]] = {
    ItemKind.DECIDE_REQUEST: (later("Read it and decide"), "/decide/{}"),
    ItemKind.MEND_REQUEST: (later("Complete it"), "/requests/{}"),
    ItemKind.SEE_CONTACT: (later("Look at it"), "/contacts/{}"),
    ItemKind.DECIDE_REPORT: (later("Read the report"), "/incidents/{}"),
    ItemKind.ANSWER_REPORT: (later("Read the report"), "/incidents/{}"),
}

#: What somebody saw on a page that could not be read: never its own administrator.
_SAW = (later("I saw the notice there"), "attest-a-notice")
#: What mends a finding, by the kind of control that found it.
_MENDS: Mapping[type[Control], tuple[tuple[str, str], ...]] = {
    Display: (
        _SAW,
        (later("It has another address"), "rename-an-account"),
    ),
    IdentifyOwner: ((later("I saw whose it is"), "attest-a-profile"),),
    Custody: ((later("It can be reached"), "take-hold-of-an-account"),),
    Administrators: ((later("Name somebody"), "add-an-administrator"),),
    RotateSecret: ((later("I changed it"), "record-a-new-password"),),
    ListReview: ((later("I looked at the list"), "review-administrators"),),
    Look: ((later("I looked"), "check-in"),),
}

#: What an act's form calls the number of what a step is about.
_NUMBERS: Mapping[str, str] = {
    SubjectKind.BRAKE: "brake",
    SubjectKind.CORRECTION: "correction",
    SubjectKind.PAGE: "page",
    SubjectKind.LEAVE: "leave",
    SubjectKind.SCHOOL: "school",
}


def buttons(step: Step, policy: Policy, back: str = "") -> Sequence[Button]:
    """The button of a step; several where one of several things does it. `back`: the page to go on from."""
    owed, kind, account = step.owed, ItemKind(step.owed.kind), str(step.account or "")
    control = next((one for one in policy.controls if one.name == owed.control), None)
    match kind:
        case ItemKind.ACCEPT_RESPONSIBILITY:
            found = [Button(t("I accept responsibility"), "accept-responsibility", {"account": account})]
        case ItemKind.CONFIRM_ROTATION:
            found = [Button(t("I have the new password"), "confirm-a-new-password", {"account": account})]
        case ItemKind.READ_ADVICE:
            found = [Button(t("I have read it"), "acknowledge-advice", {})]
        case ItemKind.DECIDE_REQUEST if owed.subject_kind == SubjectKind.ACCESS:
            found = [Button(t("Approve or decline them"), "decide-on-an-administrator", {"account": account})]
        case ItemKind() if page := _PAGES.get(kind):
            found = [Button(t(page[0]), link=page[1].format(owed.subject))]
        case ItemKind.ACKNOWLEDGE_GUIDELINES | ItemKind.MEND_FINDING if step.how.texts and (
            kind is ItemKind.ACKNOWLEDGE_GUIDELINES or not account
        ):
            found = [
                Button(
                    t("I have read “{text}”", text=text.id), "acknowledge-guidelines", {"guideline": text.id}
                )
                for text in step.how.texts
            ]
        case ItemKind.MEND_FINDING if step.how.settings:
            given = {"account": account, "privacy": "all"}
            found = [Button(t("All of these are set"), "attest-privacy-settings", given)]
        case _:
            found = []
    courses = [
        Button(t("Open the course “{title}”", title=one.title), link=one.address, away=True)
        for one in step.how.courses
        if one.address
    ]
    mends = _MENDS.get(type(control), ()) if control and kind is ItemKind.MEND_FINDING and account else ()
    confirms = (_CONFIRM,) if asks_to_confirm(step.key) else ()
    saw = (_SAW,) if kind is ItemKind.MEND_NOTICE and not step.how.statements else ()
    forms = [
        Button(t(label), link=_filled_in(act, step, back))
        for label, act in (*confirms, *saw, *_FORMS.get(kind, ()), *mends)
    ]
    return [*found, *courses, *forms] or elsewhere(step)


def goes_to(step: Step) -> str:
    """Where a list leads with a step: to the page of its own that some have, else to the step."""
    page = _PAGES.get(ItemKind(step.owed.kind))
    of_access = step.owed.subject_kind == SubjectKind.ACCESS  # somebody who was named: no request
    if page is None or step.deputy_for or of_access:
        return f"/steps/{step.owed.item}"
    return page[1].format(step.owed.subject)


def elsewhere(step: Step) -> list[Button]:
    """Where a step is looked at that is done nowhere here; empty where it is about no account."""
    return [Button(t("See the account"), link=f"/accounts/{step.account}")] if step.account else []


def _filled_in(act: str, step: Step, back: str) -> str:
    """An act's page, with what the step is about."""
    number, about = _NUMBERS.get(step.owed.subject_kind), str(step.owed.subject)
    if (question := enquiry_of(step.key)) is not None:
        number, about = "enquiry", str(question)
    elif number is None:
        of_account = "accounts" if "accounts" in ACTS[act].load().form.model_fields else "account"
        number, about = of_account, str(step.account or "")
    given = {number: about} if about else {}
    return f"/acts/{act}?{urlencode({**given, 'back': back or f'/steps/{step.owed.item}'})}"


def readings(step: Step) -> Sequence[Reading]:
    """What is to be read or done first."""
    how = step.how
    found = [Reading(one.id.capitalize(), str(one.address or ""), one.text or "") for one in how.texts]
    if how.statements:
        found.append(Reading(t("The notice, word for word"), text="\n\n".join(how.statements)))
    if how.settings:
        found.append(Reading(t("The settings"), text="\n".join(f"– {one}" for one in how.settings)))  # noqa: RUF001
    return found


async def show(request: Request) -> Response:
    """The step of this number, if it waits for who asks; pressing its button does it."""
    here, me, item = ground(request), await person(request), number(request)
    error: StewardError | None = None
    if request.method == "POST":
        typed = await form(request)
        act = str(typed.get("act") or "")
        if not has_page(act):
            raise HTTPException(404)
        form_of = ACTS[act].load().form
        taken = values(given(typed, form_of), form_of)
        try:
            done, after = await hand_in(request, act, taken, str(typed.get("key") or ""))
            await end_forms(request, act, given(typed, form_of), done.subject)
            back = local_path(str(typed.get("back") or ""))
            return go_to(f"{back}&done={item}" if "?" in back else f"/?done={item}", after)
        except StoreUnavailable:
            raise
        except StewardError as raised:
            error = raised
    policy, today = await here.policy(), await here.today()
    async with here.store.read() as session:
        step = await own_step(session, policy, me.person, item, today, now=here.now()) or await told_step(
            session, policy, me.person, item, today, now=here.now()
        )
        how = await ended(session, me.person, item) if step is None else None
    if step is None:
        status = 200 if how else 404
        return await page(request, "step_gone.html", status=status, how=how.value if how else "")
    return await page(
        request,
        "step.html",
        status=status_of(error) if error else 200,
        error=await named(request, in_page_words(error)) if error else "",
        step=step,
        today=today,
        buttons=await _for_reader(request, step, buttons(step, policy)),
        readings=readings(step),
        matters=await matters(request, step),
        form_key=new_key(),
    )


async def _for_reader(request: Request, step: Step, found: Sequence[Button]) -> Sequence[Button]:
    """The buttons of the step; where it is asked of somebody else, those that the reader may ever press.

    What a page shows is said by a second person alone: an administrator who is asked to mend it has no button
    for it.
    """
    rules = {name: ACTS[name].load().who for one in found if (name := one.does)}
    if not step.asked_of:
        rules = {name: who for name, who in rules.items() if who is SECOND_PERSON}
    if not rules:
        return found
    here, me = ground(request), await person(request)
    async with here.store.read() as session:
        may = await may_ever(session, await here.policy(), me.person, here.now(), rules)
    if not step.asked_of:
        return [one for one in found if one.does not in rules or one.does in may] or elsewhere(step)
    nobody_else = step.owed.kind in PERSONAL
    return [one for one in found if (one.does in may and not nobody_else) or not (one.does or one.away)]


ROUTES = [Route("/steps/{number}", show, methods=["GET", "POST"])]

"""How a person puts right what a control found: the step, and whatever it takes, in the letter itself."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from policy.controls import Control
from policy.controls.administrators import Administrators
from policy.controls.answer_within import AnswerWithin
from policy.controls.attested import Attested
from policy.controls.corrections import Corrections
from policy.controls.custody import Custody
from policy.controls.display import Display
from policy.controls.identify_owner import IdentifyOwner
from policy.controls.list_review import ListReview
from policy.controls.look import Look
from policy.controls.rotate_secret import RotateSecret
from policy.controls.text_acknowledged import TextAcknowledged
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.model import Course, Policy, Text
from policy.notices.base import Rows
from policy.notices.words import notice_statements
from schemas.accounts import Account
from schemas.language import later, t
from schemas.machinery import ActionItem
from schemas.words import ItemKind


@dataclass(frozen=True)
class Mending:
    """What to do, as a sentence, and what it takes: a course, texts, settings, the statements of a notice."""

    do: str = ""
    courses: tuple[Course, ...] = ()
    texts: tuple[Text, ...] = ()
    settings: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()


def how_to_mend(control: str, account: Account | None, policy: Policy, rows: Rows) -> Mending:
    """How to put right what a control found at an account, or at a person; empty where the policy lost it.

    Where nobody could see yet what a page shows there is nothing to mend: somebody looks.
    """
    if control not in {one.name for one in policy.controls}:
        return Mending()
    found = policy.control(control)
    if type(found) in _LOOK and account is not None:
        faults = rows.page_faults if isinstance(found, Display) else rows.profile_faults
        if account.id not in faults:
            return Mending(t(_LOOK[type(found)]))
    return _how_at(found, account, policy) if account is not None else _how(found, policy)


def how_to_ask(item: ActionItem, account: Account | None, policy: Policy, rows: Rows) -> Mending:
    """What an item takes, as its control says; of texts, those that the item names.

    A page is mended by whoever administers it, even where nobody could read it; an office looks at it.
    """
    if item.kind is ItemKind.CONFIRM_ROTATION:
        return Mending(
            t("The password was changed. Take the new one from the vault, and say that you have it.")
        )
    control = next((one for one in policy.controls if one.name == item.control), None)
    puts = item.person_id is not None and item.kind is ItemKind.MEND_NOTICE
    if puts and isinstance(control, Display) and account is not None:
        how = _how_at(control, account, policy)
        again = t(
            "Everybody must be able to open the page without signing in. Steward looks again in the night."
        )
        return replace(how, do=" ".join(part for part in (how.do, _whose(account, policy), again) if part))
    if item.kind is ItemKind.MEND_NOTICE and account is not None and _whose(account, policy):
        how = how_to_mend(item.control, account, policy, rows)
        return replace(how, do=f"{how.do} {t(_LOOK_TOO)}")
    how = how_to_mend(item.control, account, policy, rows)
    named = tuple(text for text in how.texts if text.id in item.key.split("/"))
    return replace(how, texts=named or how.texts)


def how_to_create(account: Account, policy: Policy) -> Mending:
    """What goes onto the page of an account that is being created: the notice, where its level shows one."""
    statements = tuple(notice_statements(policy, account.level).values())
    notice = t("Put this notice on its page, word for word, or link to it.") if statements else ""
    does = " ".join(part for part in (notice, _whose(account, policy)) if part)
    return Mending(does, statements=statements)


def _whose(account: Account, policy: Policy) -> str:
    """What its profile has to show of who administers it, as something to do; empty where nothing."""
    asks = policy.first(IdentifyOwner, level=account.level) is not None
    return t(_SENTENCES[IdentifyOwner]) if asks else ""


def _how_at(control: Control, account: Account, policy: Policy) -> Mending:
    """What only the account's level, channel or platform decides; else as for anybody."""
    match control:
        case TextAcknowledged():
            how = _how(control, policy)
            return replace(how, texts=tuple(text for text in how.texts if text.is_for(account.channel)))
        case Attested():
            found = [one for one in policy.checklists if one.platform == account.platform]
            settings = tuple(item.step for one in found for item in one.items)
            return Mending(t("Set each of these, and say that they are set."), settings=settings)
        case Display():
            statements = tuple(notice_statements(policy, account.level).values())
            does = t("Put this notice on the page, word for word, or link to a page that carries it.")
            return Mending(does, statements=statements)
        case _:
            return _how(control, policy)


def _how(control: Control, policy: Policy) -> Mending:
    match control:
        case TrainingBeforeAccess():
            course = policy.course_by_id(control.course)
            return Mending(t("Complete the course. We hear of it when you have."), courses=(course,))
        case TextAcknowledged():
            accepted = control.each == "account"
            does = t("Accept this.") if accepted else t("Read this, and say that you have.")
            return Mending(does, texts=tuple(policy.text(one) for one in control.texts))
        case _:
            return Mending(_sentence(control, policy))


#: What to do where a sentence is enough, by kind of control.
_SENTENCES: Mapping[type[Control], str] = {
    Look: later("Look at its posts and comments on {on}, and say that you did."),
    IdentifyOwner: later("Put your name and your position on its profile."),
    Custody: later(
        "Make the {office} an administrator of it, or put its credentials into the vault and say "
        "under which entry. Never send a password."
    ),
    Administrators: later("Name somebody who is to administer it too."),
    RotateSecret: later("Change the password, keep it in the vault, and say that it is changed."),
    AnswerWithin: later("Answer on the platform, and say that it is answered."),
    Corrections: later("Acknowledge it where it stands, put it right, and say so."),
    ListReview: later("Look on the platform at who administers it, and say what you found."),
}


#: What to do where a page could not be read: somebody who may attest it has to look.
_LOOK: Mapping[type[Control], str] = {
    Display: later(
        "Open its page and answer what you see there: the notice, word for word, a link to it, or not."
    ),
    IdentifyOwner: later(
        "Open its profile and answer whether it shows name and position of who administers it."
    ),
}

#: What somebody who looks for the notice looks for, too.
_LOOK_TOO = later("Say with it whose name and position you see on its profile.")
#: Of a kind without a sentence of its own: what was found says what to do.
_ANY = later("Put right what is found here, and answer what you did.")


def _sentence(control: Control, policy: Policy) -> str:
    on = t(control.on.value) if isinstance(control, Look) else ""
    office = policy.label(control.office) if isinstance(control, Custody) else ""
    return t(_SENTENCES.get(type(control), _ANY), on=on, office=office)

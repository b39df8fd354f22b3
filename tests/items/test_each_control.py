"""Each control that finds something: an item asks for it and climbs, and an act mends it. Pure."""

from collections.abc import Mapping

import pytest

from policy.action_items import PERSONAL
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
from policy.finding_items import asked_for
from policy.model import Policy, load
from policy.notices.mending import how_to_mend
from policy.notices.words import todo
from schemas.words import ItemKind, ItemState, Mode
from tasks.acts.table import ACTS
from tests.mail.mail_cases import division
from tests.mail.variations import asked
from tests.support.databases import ROOT

EACH_RULE = pytest.mark.parametrize(
    "name", [rule.name for rule in load(ROOT / "policy" / "ap151.toml").rules()]
)

#: The act that mends what a kind of control finds. A new kind needs its line.
MENDS: Mapping[type[Control], str] = {
    AnswerWithin: "answer-an-enquiry",
    Corrections: "correct-misleading-information",
    Administrators: "add-an-administrator",
    TrainingBeforeAccess: "record-a-completion",
    TextAcknowledged: "acknowledge-guidelines",
    Custody: "take-hold-of-an-account",
    IdentifyOwner: "attest-a-profile",
    Attested: "attest-privacy-settings",
    Display: "attest-a-notice",
    Look: "check-in",
    RotateSecret: "record-a-new-password",
    ListReview: "review-administrators",
}


@EACH_RULE
def test_an_act_mends_what_is_found(name: str, policy: Policy) -> None:
    """It is declared for this kind of control, so that its refusals name the clause, and it says who may."""
    control = policy.control(name)
    act = ACTS[MENDS[type(control)]].load()
    assert type(control) in act.control
    assert act.who.said(policy)


@EACH_RULE
def test_what_is_found_is_asked_for_reminded_of_and_climbs(name: str, policy: Policy) -> None:
    """By an item of its own, as a finding, or before the suspension that it leads to, once it acts."""
    policy = policy.changed(name, mode=Mode.ENFORCE)
    control = policy.control(name)
    kinds = control.asks()
    if not kinds:
        assert name in asked_for(policy) or policy.sanction_of(name) is not None
        kinds = (ItemKind.MEND_FINDING,)
    for kind in kinds:
        terms = policy.terms(kind)
        assert terms.reminders_school_days_before or terms.reminders_days_before, kind
        assert terms.remind_again_school_days
        assert terms.climbs, f"{kind} waits for one person for ever"


@EACH_RULE
def test_its_letters_say_how_it_is_mended(name: str, policy: Policy) -> None:
    """In a sentence of its kind; the item in `status` too."""
    rows = division()
    control = policy.control(name)
    plain = "Put right what is found here, and answer what you did."
    for account in (rows.accounts[5], None):
        how = how_to_mend(name, account, policy, rows)
        assert how.do
        # a page and a checklist belong to an account: nobody is asked for them without one
        assert how.do != plain or (account is None and isinstance(control, Display | Attested))
    for kind in control.asks() or (ItemKind.MEND_FINDING,):
        item = asked(kind, policy, control=name, state=ItemState.OPEN)
        assert todo(item, rows, policy)


@pytest.mark.parametrize("kind", ItemKind)
def test_what_only_one_person_can_do_climbs_to_be_seen_to(kind: ItemKind, policy: Policy) -> None:
    """An office that hears of it can't do it in the person's stead, so the letter asks it to see to it."""
    terms = policy.terms(kind)
    assert kind not in PERSONAL or terms.climbs
    offices = {one.id for one in policy.offices}
    assert {climb.to for climb in terms.climbs} <= offices

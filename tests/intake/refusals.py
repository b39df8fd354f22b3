"""What people try, by name, and the stages of a story at which they try it."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from schemas.words import Via
from tasks.access.gates import (
    AcceptanceForm,
    AcknowledgementForm,
    accept_responsibility,
    acknowledge_guidelines,
)
from tasks.pages.attest_profile import ProfileSeenForm, attest_profile
from tasks.requests.hand_in import WithdrawalForm, submit_request, withdraw_request
from tasks.training.completions import (
    CompletionForm,
    RestoreForm,
    VoidForm,
    record_completion,
    restore_completion,
    void_completion,
)
from tests.support.world import CO, TEACHER, World, a_request, mail

Try = Callable[[World], Awaitable[Any]]
VIA = Via.COMMAND
NOBODY = "nobody.canary@example.org"


def submits(**changes: Any) -> Try:
    return lambda world: world.submit(**changes)


def resubmits(number: int = 1, **changes: Any) -> Try:
    form = a_request(**changes, again=number)
    return lambda world: submit_request(world.store, world.policy, form, via=VIA, now=world.now)


def withdraws(person: int = TEACHER, number: int = 1) -> Try:
    form = WithdrawalForm(actor=mail(person), request=number)
    return lambda world: withdraw_request(world.store, world.policy, form, via=VIA, now=world.now)


def decides(by: int = CO, verdict: str = "approve", number: int = 1, **more: Any) -> Try:
    return lambda world: world.decide(number, by, verdict, **more)


def acknowledges(email: str, guideline: str = "Social Media Guidelines") -> Try:
    form = AcknowledgementForm.model_validate({"actor": email, "guideline": guideline})
    return lambda world: acknowledge_guidelines(world.store, world.policy, form, via=VIA, now=world.now)


def accepts(email: str, account: int = 1) -> Try:
    form = AcceptanceForm(actor=email, account=account)
    return lambda world: accept_responsibility(world.store, world.policy, form, via=VIA, now=world.now)


def reports(by: int = TEACHER, account: int = 1, **changes: Any) -> Try:
    done = {"privacy_done": ()} if account != 1 else {}
    return lambda world: world.report(account, by, **{**done, **changes})


def completes(email: str, day: date, by: str = mail(CO)) -> Try:
    form = CompletionForm(actor=by, person=email, completed_on=day)
    return lambda world: record_completion(world.store, world.policy, form, via=VIA, now=world.now)


def voids(email: str, day: date, by: str = mail(CO)) -> Try:
    form = VoidForm(actor=by, person=email, completed_on=day, reason="It was somebody else's.")
    return lambda world: void_completion(world.store, world.policy, form, via=VIA, now=world.now)


def restores(email: str, day: date, by: str = mail(CO)) -> Try:
    form = RestoreForm(actor=by, person=email, completed_on=day, reason="It counts.")
    return lambda world: restore_completion(world.store, world.policy, form, via=VIA, now=world.now)


def attests_profile(by: str, owner: str, account: int = 1) -> Try:
    form = ProfileSeenForm(account=account, actor=by, owner=owner, evidence="Looked at on a phone.")
    return lambda world: attest_profile(world.store, world.policy, form, via=VIA, now=world.now)

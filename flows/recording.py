"""The run forms with which Communications records from the Prefect UI: a request, a decision, a completion.

What they record is marked as recorded there. Reaching the Prefect API gives nobody authority: whether the
person named may do it is checked in the store's transaction, as it is for the command line.
Prefect does not validate the forms itself (`validate_parameters=False`): its message would show what was
typed, and that could be a password.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast

from prefect import flow
from prefect.client.schemas import State
from prefect.states import Completed, Failed

from flows.drain import run_id
from policy.model import Policy
from schemas.errors import LooksLikeASecret, StewardError
from schemas.forms import CompletionForm, DecisionForm, Form, RequestForm, read
from schemas.receipt import Receipt
from schemas.words import Via
from tasks import clock
from tasks.prefect import steps
from tasks.prefect.api import forget_parameters
from tasks.requests import decide as decisions
from tasks.requests import hand_in as requests
from tasks.runtime import opened
from tasks.store import Store
from tasks.training import completions

F = TypeVar("F", bound=Form)
F_contra = TypeVar("F_contra", bound=Form, contravariant=True)


class Intake(Protocol[F_contra]):
    """How one kind of form is handed in: a function of the subject that it is about."""

    async def __call__(
        self, store: Store, policy: Policy, form: F_contra, *, via: Via, now: datetime
    ) -> Receipt:
        """Record it, or raise a StewardError that says why not."""
        ...


async def _record(kind: type[F], given: F, intake: Intake[F]) -> State[Any]:
    """Read the form, hand it in, relay what it woke; refusals end the run with their sentence.

    The notices that it committed leave with it: their readers need not wait for the start of another run.
    Prefect hands over what was typed as it came, unvalidated: a mapping of the form's fields.
    """
    try:
        form = read(kind, dict(cast("Mapping[str, object]", given)))
        async with opened() as runtime:
            now = clock.now()
            receipt = await intake(runtime.store, runtime.policy, form, via=Via.PREFECT_FORM, now=now)
            await steps.relay(now)
            with suppress(StewardError):  # what can't leave now, the run that was just asked for delivers
                await steps.deliver(run_id(), now)
    except LooksLikeASecret as error:
        await forget_parameters(run_id())
        return Failed(name="Refused", message=str(error))
    except StewardError as error:
        return Failed(name="Refused", message=str(error))
    return Completed(name="Recorded", message=receipt.says)


@flow(
    name="record a request",
    flow_run_name="request for an account",
    description="A school asks for an official account, website or channel (5, 6). What is missing is told "
    "to the requester all at once, by mail. A personal account needs no request (14).",
    validate_parameters=False,
)
async def request_account(request: RequestForm) -> State[Any]:
    """Record a request for an account.

    Args:
        request: What is asked for, by whom, and which provided tools do not serve (2).
    """
    return await _record(RequestForm, request, requests.submit_request)


@flow(
    name="record a decision",
    flow_run_name="decision",
    description="Somebody who holds the office decides a request (5, 6). Nobody decides their own.",
    validate_parameters=False,
)
async def record_decision(decision: DecisionForm) -> State[Any]:
    """Record a decision on a request.

    Args:
        decision: Which request, who decides, what and why.
    """
    return await _record(DecisionForm, decision, decisions.record_decision)


@flow(
    name="record a completion",
    flow_run_name="completion",
    description="Somebody completed the Focus on Privacy course (5.2).",
    validate_parameters=False,
)
async def record_completion(completion: CompletionForm) -> State[Any]:
    """Record that somebody completed the course.

    Args:
        completion: Who, when, and who saw the evidence.
    """
    return await _record(CompletionForm, completion, completions.record_completion)

"""`steward attest`: what people say is done or seen (5.3, 5.5, 5.6, 6.2, 6.3, 7), a look at a page (8)."""

from typing import Annotated, Any

import typer

from deployments.cli.handing_in import Email, hand_in, read_form
from deployments.cli.output import Json, say
from deployments.cli.running import run
from schemas.forms import AcceptanceForm, AcknowledgementForm, ReportForm
from schemas.receipt import Receipt
from schemas.standing_forms import NoticeSeenForm, ProfileSeenForm
from schemas.words import Guideline, Via
from tasks import clock
from tasks.access import gates
from tasks.accounts import report as reports
from tasks.pages import lifecycle as disclaimer_verification
from tasks.pages.attest_notice import attest_notice
from tasks.pages.attest_profile import attest_profile
from tasks.prefect.relay import relay
from tasks.privacy.attest import attest_privacy
from tasks.runtime import Runtime


def attest_guidelines(
    guideline: Annotated[Guideline, typer.Argument(help="Which document.")],
    person: Email,
    as_json: Json = False,
) -> None:
    """You have read the guidelines, in their present version (5.3)."""
    form = read_form(AcknowledgementForm, {"person": person, "guideline": guideline})

    async def intake(runtime: Runtime) -> Receipt:
        return await gates.acknowledge_guidelines(
            runtime.store, runtime.policy, form, via=Via.COMMAND, now=clock.now()
        )

    hand_in(intake, as_json=as_json)


def attest_responsibility(
    account: Annotated[int, typer.Argument(help="The account's number.")],
    person: Email,
    as_json: Json = False,
) -> None:
    """You accept personal responsibility for what the account publishes (5.6)."""
    form = read_form(AcceptanceForm, {"person": person, "account": account})

    async def intake(runtime: Runtime) -> Receipt:
        return await gates.accept_responsibility(
            runtime.store, runtime.policy, form, via=Via.COMMAND, now=clock.now()
        )

    hand_in(intake, as_json=as_json)


def attest_created(
    account: Annotated[int, typer.Argument(help="The account's number.")],
    reported_by: Email,
    address: Annotated[str, typer.Option(help="Address of its public page.")],
    platform_id: Annotated[str, typer.Option(help="The platform's own permanent id.")],
    custodian: Annotated[
        bool, typer.Option(help="Communications (5.5), or the principal (6.2), is an administrator too.")
    ] = False,
    vault: Annotated[str, typer.Option(help="Name of the vault entry; never the password.")] = "",
    privacy: Annotated[
        list[str] | None, typer.Option(help="Id of a privacy setting that is set (7); repeat it, or 'all'.")
    ] = None,
    notice_address: Annotated[
        str | None, typer.Option(help="The page with the notice that the profile links to (8).")
    ] = None,
    as_json: Json = False,
) -> None:
    """The account is there: where, who else can reach it (5.5, 6.2), its privacy settings (7)."""

    async def intake(runtime: Runtime) -> Receipt:
        done = tuple(privacy or ())
        if done == ("all",):
            done = await reports.every_setting(runtime.store, runtime.policy, account)
        form = read_form(
            ReportForm,
            {
                "account": account,
                "reported_by": reported_by,
                "address": address,
                "platform_id": platform_id,
                "custodian_is_administrator": custodian,
                "vault_reference": vault,
                "privacy_done": done,
                "notice_address": notice_address,
            },
        )
        return await reports.report_account(
            runtime.store, runtime.policy, form, via=Via.COMMAND, now=clock.now()
        )

    hand_in(intake, as_json=as_json)


def attest_privacy_command(
    account: Annotated[int, typer.Argument(help="The account's number.")],
    person: Email,
    privacy: Annotated[
        list[str], typer.Option(help="Id of a privacy setting that is set; repeat it, or 'all'.")
    ],
    as_json: Json = False,
) -> None:
    """The account's privacy settings are as its platform's checklist asks (7); anew each year."""

    async def intake(runtime: Runtime) -> Receipt:
        done = tuple(privacy)
        if done == ("all",):
            done = await reports.every_setting(runtime.store, runtime.policy, account)
        return await attest_privacy(
            runtime.store, runtime.policy, account, done, by=person, via=Via.COMMAND, now=clock.now()
        )

    hand_in(intake, as_json=as_json)


def attest_notice_command(
    account: Annotated[int, typer.Argument(help="The account's number.")],
    person: Email,
    evidence: Annotated[str, typer.Option(help="Where the picture of the page is kept, or how you looked.")],
    linked: Annotated[bool, typer.Option("--linked", help="The profile links to the notice.")] = False,
    as_json: Json = False,
) -> None:
    """You saw the notice on a page that Steward can't read; it holds for a while (8)."""
    form = read_form(
        NoticeSeenForm, {"account": account, "person": person, "evidence": evidence, "linked": linked}
    )

    async def intake(runtime: Runtime) -> Receipt:
        return await attest_notice(runtime.store, runtime.policy, form, via=Via.COMMAND, now=clock.now())

    hand_in(intake, as_json=as_json)


def attest_profile_command(
    account: Annotated[int, typer.Argument(help="The account's number.")],
    person: Email,
    owner: Annotated[str, typer.Option(help="E-mail address of the administrator whose name you saw there.")],
    evidence: Annotated[
        str, typer.Option(help="Where the picture of the profile is kept, or how you looked.")
    ],
    as_json: Json = False,
) -> None:
    """You saw its owner's name and position on a classroom account's profile; it holds for a while (6.3)."""
    form = read_form(
        ProfileSeenForm, {"account": account, "person": person, "owner": owner, "evidence": evidence}
    )

    async def intake(runtime: Runtime) -> Receipt:
        return await attest_profile(runtime.store, runtime.policy, form, via=Via.COMMAND, now=clock.now())

    hand_in(intake, as_json=as_json)


def attest_page(
    account: Annotated[int, typer.Argument(help="The account's number.")], as_json: Json = False
) -> None:
    """Look at the account's page now for the notice (8), and a classroom's for name and position (6.3)."""

    async def work(runtime: Runtime) -> Any:
        seen = await disclaimer_verification.look(
            runtime.store, runtime.policy, runtime.settings, account, clock.now()
        )
        await relay(runtime.store, runtime.settings, clock.now())
        return seen

    seen = run(work)
    say(seen, f"{seen.verdict}: {seen.detail}", as_json=as_json)

"""All commands in one table, and the one way in which every error is told.

Bad input: one sentence on standard error, exit code 2, nothing half done. Anything else of ours: one
sentence, exit code 1. Under `--json` the sentence is in one JSON object. What is not ours is a defect: it
shows its trace.
"""

import sys
from importlib import import_module
from typing import Annotated

import typer
from typer.exceptions import TyperException

from deployments.cli.errors import tell, tell_usage
from deployments.cli.lazy import ActCommand, Command, Group
from deployments.cli.text import echo
from schemas.errors import StewardError
from tasks.acts.table import ACTS


def _say_version(wanted: bool) -> None:
    if wanted:
        echo(f"steward {import_module('importlib.metadata').version('ap151-steward')}")
        raise typer.Exit


def _acts(group: str = "") -> dict[str, ActCommand]:
    """The commands of the acts under a group's word, or of those that are one word."""
    words = {name: entry.command.rpartition(" ") for name, entry in ACTS.items()}
    return {
        last: ActCommand(name, ACTS[name].line) for name, (first, _, last) in words.items() if first == group
    }


_options = typer.Typer(add_completion=False)


@_options.callback()
def _steward(
    _version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_say_version, help="Show the version and exit."),
    ] = False,
) -> None:
    """Everything that belongs to no command."""


app = Group(
    "Keeps the official accounts of schools the way their policy asks.",
    {
        "up": Command("deployments.cli.up:up", "Start everything on this machine, and stay until Ctrl-C."),
        "init": Command("deployments.cli.init:init", "Begin a real installation, with nobody made up."),
        "status": Command("deployments.cli.status:status", "Who owes what."),
        "why": Command("deployments.cli.why_person:why", "Why an account or a person stands as they do."),
        "request": Group(
            "Ask for an account; look at what was asked.",
            {
                **_acts("request"),
                "list": Command("deployments.cli.requests:request_list", "Every request, the newest first."),
                "show": Command("deployments.cli.requests:request_show", "One request and its decisions."),
            },
        ),
        **_acts(),
        "completion": Group("Say that a completion does not count, or counts again.", _acts("completion")),
        "attest": Group(
            "Say that something is done or seen.",
            {
                **_acts("attest"),
                "page": Command("deployments.cli.attesting:attest_page", "Look at an account's page now."),
            },
        ),
        "rotate": Group(
            "A shared password was changed, and who has the new one.",
            _acts("rotate"),
        ),
        "account": Group(
            "Look at accounts; suspend one, bring it back.",
            {
                "list": Command("deployments.cli.accounts:account_list", "The accounts."),
                "show": Command("deployments.cli.accounts:account_show", "One account."),
                "timeline": Command("deployments.cli.accounts:account_timeline", "What happened to it."),
                "why": Command("deployments.cli.why:account_why", "Why it is as it is."),
                "stops": Command("deployments.cli.stops:account_stops", "What was stopped, and until when."),
                **_acts("account"),
            },
        ),
        "finding": Group(
            "Where live accounts do not hold the policy.",
            {"list": Command("deployments.cli.finding:finding_list", "The findings.")},
        ),
        "suspensions": Command("deployments.cli.suspensions:suspensions", "What would be suspended when."),
        "brake": Group(
            "What a night would begin for very many: hold it or not.",
            {
                "list": Command("deployments.cli.brakes:brake_list", "What waits for an answer."),
                **_acts("brake"),
            },
        ),
        "enquiry": Group(
            "What the public asks at official accounts, and its answers.",
            {
                "list": Command("deployments.cli.enquiries:enquiry_list", "What was asked."),
                "report": Command("deployments.cli.enquiries:enquiry_report", "How soon, by school."),
                **_acts("enquiry"),
            },
        ),
        "removal": Group(
            "What was taken down, on which ground, and its copy.",
            {
                "list": Command(
                    "deployments.cli.removals:removal_list", "What was taken down, without copies."
                ),
                **_acts("removal"),
            },
        ),
        "page": Group(
            "Pages that nobody approved, until they are adopted or shut.",
            {
                "list": Command("deployments.cli.unapproved:page_list", "What was reported."),
                **_acts("page"),
            },
        ),
        "correction": Group(
            "What is misleading in public, until it is put right.",
            {
                "list": Command("deployments.cli.corrections:correction_list", "What was reported."),
                **_acts("correction"),
            },
        ),
        "contact": Group("A student tried to reach staff in private.", _acts("contact")),
        "advice": Group(
            "What people are advised, and how far it has come.",
            {
                "show": Command("deployments.cli.advice:advice_show", "Each advice, and its clauses."),
                "replies": Command("deployments.cli.advice:replies", "Answers that are ready to be copied."),
                "report": Command("deployments.cli.advice:advice_report", "Who has read it, by school."),
            },
        ),
        "sweep": Command("deployments.cli.sweep:sweep", "Ask for a sweep now."),
        "clauses": Command("deployments.cli.clauses:clauses", "Each clause, and what serves it."),
        "policy": Group(
            "Look at a policy file before it is used.",
            {
                "check": Command("deployments.cli.policy_file:policy_check", "Problems and slips of a file."),
                "diff": Command("deployments.cli.policy_file:policy_diff", "What a file would change."),
                "try": Command("deployments.cli.policy_try:policy_try", "Who would be asked or lose what."),
                "list": Command("deployments.cli.policy_file:policy_list", "Every adopted policy."),
                "show": Command("deployments.cli.policy_file:policy_show", "An adopted one, as a file."),
                **_acts("policy"),
            },
        ),
        "control": Group(
            "Which controls act, and which only observe.",
            {
                "list": Command("deployments.cli.controls:control_list", "What finds, and whether it acts."),
                "show": Command("deployments.cli.controls:control_show", "Whom one finds now."),
                **_acts("control"),
            },
        ),
        "audit": Group(
            "Who did what; check that nobody altered it.",
            {
                "list": Command("deployments.cli.audit:audit_list", "Who did what, the newest first."),
                "verify": Command("deployments.cli.audit:verify", "Recompute every entry."),
                "head": Command("deployments.cli.audit:show_head", "The newest entry, to keep elsewhere."),
                **_acts("audit"),
                "heads": Command("deployments.cli.audit:audit_heads", "The heads that left this machine."),
            },
        ),
        "backup": Command("deployments.cli.backup:backup", "Write everything into one file, while it runs."),
        "restore": Command("deployments.cli.backup:restore", "Bring a backup back into an empty place."),
        "service": Group(
            "Steward as a service of the machine.",
            {"install": Command("deployments.cli.service:install", "Write a systemd unit for it.")},
        ),
        "machine": Group(
            "One part of Steward on a machine of its own.",
            {
                "prepare": Command("deployments.cli.machine:prepare", "Bring both databases up to date."),
                "deploy": Command("deployments.cli.machine:deploy", "Tell Prefect what it may run."),
                "api": Command("deployments.cli.machine:serve_api", "Be one of Prefect's API servers."),
                "services": Command("deployments.cli.machine:run_services", "Be Prefect's services."),
                "worker": Command("deployments.cli.machine:work", "Be a worker."),
                "pages": Command("deployments.cli.machine:serve_pages", "Be the web pages."),
            },
        ),
        "doctor": Group(
            "Whether this installation is set up as it should be.",
            {
                "look": Command("deployments.cli.doctor:examine", "What a support person asks first."),
                "rights": Command("deployments.cli.doctor:rights", "Who may use which file and socket."),
            },
        ),
        "mail": Group(
            "What Steward has written, and what waits to leave.",
            {
                "list": Command("deployments.cli.mail:list_mail", "What was caught, and what waits."),
                "show": Command("deployments.cli.mail:show_mail", "One message."),
                **_acts("mail"),
            },
        ),
        "import": Group(
            "Take files in: roster, training, existing accounts.",
            {
                **_acts("import"),
                "pull": Command(
                    "deployments.cli.pull_roster:pull", "The roster from OneRoster's REST service."
                ),
                "mappings": Command("deployments.cli.mappings:import_mappings", "Columns with another name."),
                "unmatched": Command("deployments.cli.import_training:unmatched", "Rows that fit nobody."),
            },
        ),
        "role": Group(
            "Give and end offices that no roster tells.",
            _acts("role"),
        ),
        "absence": Group("Say who is away, who deputizes, and that it is over.", _acts("absence")),
        "school": Group("A list is right; schools are merged, closed, or open again.", _acts("school")),
        "designation": Group("Say that somebody is designated no longer.", _acts("designation")),
        "person": Group(
            "Records of people: back, supervised, merged, forgotten.",
            {
                **_acts("person"),
                "why": Command("deployments.cli.why_person:person_why", "What they have, and lack."),
            },
        ),
        "incident": Group("Reports that a policy or a law was broken.", _acts("incident")),
        "incidents": Command("deployments.cli.incidents:incidents", "Reports, and where they stand."),
        "leave": Group("Leave for what the policy tells people to avoid.", _acts("leave")),
        "leaves": Command("deployments.cli.leaves:leaves", "The register of leave."),
        "user": Group(
            "Say whose user of a machine is whose.",
            {**_acts("user"), "list": Command("deployments.cli.users:user_list", "Whose user is whose.")},
        ),
        "people": Command("deployments.cli.directory:people", "The people that Steward knows."),
        "schools": Command("deployments.cli.directory:schools", "The schools."),
        "offices": Command("deployments.cli.directory:offices", "Who holds which office; vacant ones too."),
        "absences": Command("deployments.cli.directory:absences", "Who is away, and who decides meanwhile."),
        "designations": Command("deployments.cli.directory:designations", "Who is designated for channels."),
    },
    name="steward",
    params=typer.main.get_command(_options).params,
)


def main() -> None:
    """Run the command line; errors of ours become one sentence and an exit code."""
    words = sys.argv[1:]
    as_json = "--json" in words
    try:
        code = app.main(words, prog_name="steward", standalone_mode=False)
    except TyperException as error:
        raise SystemExit(tell_usage(error, as_json=as_json)) from None
    except StewardError as error:
        raise SystemExit(tell(error, as_json=as_json)) from None
    except typer.Abort:
        raise SystemExit(1) from None
    raise SystemExit(code or 0)

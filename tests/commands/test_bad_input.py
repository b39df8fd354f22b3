"""Bad input at the terminal: exit code 2, one sentence that says what is wrong, and nothing changed."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from schemas.settings import ROOT
from tests.commands.commands import CANARY, REPORT, REQUEST, C, P, T
from tests.commands.terminal import Terminal
from tests.support.stages import STAGES
from tests.support.world import TEACHER, mail


def but(words: Sequence[str], option: str, value: str) -> list[str]:
    """The same words with another value for an option."""
    at = words.index(option) + 1
    return [*words[:at], value, *words[at + 1 :]]


REASON = ("--reason", "It fits.")
NEW = {
    "an unknown requester": (
        but(REQUEST, "--as", "persom6@example.org"),
        "did you mean person6@example.org?",
    ),
    "an unknown administrator": (but(REQUEST, "--administrator", "who@example.org"), "who@example.org"),
    "an unknown school": (but(REQUEST, "--school", "Sample School 11"), "did you mean Sample School 1?"),
    "no address": (but(REQUEST, "--as", "me"), "Nobody here has the name me"),
    "no handle": (but(REQUEST, "--handle", "@"), "handle: give the name"),
    "a control character": (but(REQUEST, "--purpose", "News\x07"), "purpose: there is a control character"),
    "two lines for a handle": (but(REQUEST, "--handle", "a\nb"), "handle: it must be one line"),
    "a novel": (but(REQUEST, "--purpose", "word " * 1000), "purpose: "),
    "a level that is none": (but(REQUEST, "--level", "galaxy"), "Level: none of the policy's words"),
    "a request that was not sent back": ([*REQUEST, "--again", "9"], "There is no account request 9"),
}
OTHERS = {
    "an unknown request": ("nothing", ["decide", "9", "approve", "--as", C, *REASON], "no account request 9"),
    "a decision on a withdrawn request": (
        "withdrawn",
        ["decide", "1", "approve", "--as", C, *REASON],
        "'withdrawn'",
    ),
    "a decision that comes second": (
        "declined",
        ["decide", "1", "approve", "--as", C, *REASON],
        "It was Given1 Sample1.",
    ),
    "one's own request": ("awaiting", ["decide", "1", "approve", "--as", T, *REASON], "their own request"),
    "somebody without the office": ("awaiting", ["decide", "1", "approve", "--as", P, *REASON], "(5)"),
    "no reason": ("awaiting", ["decide", "1", "decline", "--as", C, "--reason", ""], "reason: say why"),
    "a verdict that is none": ("awaiting", ["decide", "1", "perhaps", "--as", C, *REASON], "'perhaps'"),
    "somebody else withdraws": ("awaiting", ["request", "withdraw", "1", "--as", P], "Only who asked"),
    "an unknown account": ("nothing", ["account", "show", "9"], "There is no account 9."),
    "an unknown handle": ("nothing", ["account", "why", "@nobody"], "steward account list"),
    "an unknown handle's time line": ("nothing", ["account", "timeline", "@nobody"], "steward account list"),
    "an unknown person's status": ("nothing", ["status", "--of", "who@example.org"], "who@example.org"),
    "no day": ("nothing", ["complete", T, "--on", "yesterday", "--as", C], "write it as 2026-09-30"),
    "a day that is none": (
        "nothing",
        ["complete", T, "--on", "2026-02-30", "--as", C],
        "write it as 2026-09-30",
    ),
    "a day to come": ("nothing", ["complete", T, "--on", "2026-10-21", "--as", C], "still to come"),
    "one's own course": ("nothing", ["complete", T, "--on", "2026-10-01", "--as", T], "their own completion"),
    "an absence that ends before it starts": (
        "nothing",
        ["absence", "note", C, "--deputy", T, "--from", "2026-10-25", "--until", "2026-10-24", "--as", C],
        "give a later last day",
    ),
    "an absence without a day": (
        "nothing",
        ["absence", "note", C, "--deputy", T, "--from", "soon", "--until", "2026-10-24", "--as", C],
        "--from: this is not a day",
    ),
    "an office of a school without the school": (
        "nothing",
        ["role", "grant", "school administrator", T, "--as", C],
        "--school",
    ),
    "an office that nobody holds": (
        "nothing",
        ["role", "end", "superintendent", T, "--reason", "An error.", "--as", C],
        "They do not hold this office",
    ),
    "a designation by anybody": ("nothing", ["designate", T, "--as", C], "Only the Superintendent"),
    "guidelines of nobody": (
        "nothing",
        ["attest", "guidelines", "Social Media Guidelines", "--as", "who@example.org"],
        "who@example.org",
    ),
    "responsibility for another's account": (
        "approved",
        ["attest", "responsibility", "1", "--as", mail(7)],
        "Only an administrator of the account",
    ),
    "a report without a page": ("prepared", but(REPORT, "--address", "www.example.org"), "https://"),
    "a report without custody": ("prepared", but(REPORT, "--vault", ""), "vault entry"),
    "a report without privacy": ("prepared", but(REPORT, "--privacy", "no-such-item"), "'no-such-item'"),
    "a page of no account": ("nothing", ["attest", "page", "9"], "There is no account 9."),
    "a page that has no address yet": ("prepared", ["attest", "page", "1"], "no address yet"),
    "a profile that is no classroom's": (
        "live",
        ["attest", "profile", "1", "--as", C, "--owner", T, "--evidence", "Looked at on a phone."],
        "need not show name and position",
    ),
    "a profile of nobody": (
        "live",
        ["attest", "profile", "1", "--as", C, "--owner", "me", "--evidence", "Looked at on a phone."],
        "Nobody here has the name me",
    ),
    "a profile seen nowhere": (
        "live",
        ["attest", "profile", "1", "--as", C, "--owner", T, "--evidence", ""],
        "evidence: say why",
    ),
    "a review of a shared password": (
        "live",
        ["rotate", "review", "1", "--as", T],
        "record its change with `steward rotate record`",
    ),
    "a review of no account": ("nothing", ["rotate", "review", "9", "--as", T], "no account 9"),
    "a row that is not there": (
        "nothing",
        ["import", "settle", "3", "--ignore", "left", "--as", C],
        "no unmatched row 3",
    ),
    "a row for two": (
        "nothing",
        ["import", "settle", "3", "--ignore", "left", "--person", T, "--as", C],
        "say either",
    ),
    "a file that is not there": (
        "nothing",
        ["import", "training", "/no/t.csv", "--as", C],
        "no such file",
    ),
    "a bundle that is not there": (
        "nothing",
        ["import", "roster", "/no/b.zip", "--as", C],
        "no such file",
    ),
    "an inventory that is not there": (
        "nothing",
        ["import", "accounts", "/no/a.csv", "--as", C],
        "no such file",
    ),
    "a head that is none": ("nothing", ["audit", "verify", "--head", "abc"], "64 hexadecimal digits"),
    "no message": ("nothing", ["mail", "show", "latest"], "No mail was caught yet"),
    "no notice": ("nothing", ["mail", "show", "7"], "There is no notice 7"),
    "a command that is none": ("nothing", ["approve"], "No such command 'approve'"),
    "an option that is none": ("nothing", ["status", "--everything"], "--everything"),
}
SECRETS = {
    "purpose": but(REQUEST, "--purpose", f"The password is {CANARY}"),
    "audience": but(REQUEST, "--audience", f"password: {CANARY}"),
    "why not": but(REQUEST, "--why-not", CANARY),
    "handle": but(REQUEST, "--handle", f"lakeside {CANARY}"),
    "reason": ["decide", "1", "approve", "--as", C, "--reason", f"Log in with {CANARY}"],
    "vault reference": but(REPORT, "--vault", CANARY),
    "platform id": but(REPORT, "--platform-id", f"password={CANARY}"),
    "address": but(REPORT, "--address", f"https://school:{CANARY}@www.example.org/"),
    "evidence": ["attest", "profile", "1", "--as", C, "--owner", T, "--evidence", f"Log in with {CANARY}"],
    "privacy": but(REPORT, "--privacy", CANARY),
    "voiding": ["completion", "void", T, "--on", "2026-10-17", "--as", C, "--reason", f"Password: {CANARY}"],
    "ignoring": ["import", "settle", "1", "--ignore", f"password {CANARY}", "--as", C],
}


def refused(terminal: Terminal, words: Sequence[str], part: str, before: Mapping[str, Sequence[str]]) -> str:
    """Runs the words, holds what comes against what every refusal is, and gives what was said."""
    said = terminal.steward(*words)
    assert said.code == 2, said.out + said.err
    assert said.out == ""
    assert part in said.err
    assert said.err.startswith("steward: ")
    assert said.err.count("\n") == 1
    as_json = terminal.steward(*words, "--json")
    assert (as_json.code, as_json.out) == (2, "")
    told = json.loads(as_json.err)["error"]
    assert told["kind"].isidentifier()
    assert f"steward: {told['message']}\n" == said.err
    assert terminal.everything() == before
    return said.err


def test_requests_that_can_not_be_taken(terminal: Terminal) -> None:
    before = terminal.everything()
    for words, part in NEW.values():
        refused(terminal, words, part, before)


@pytest.mark.parametrize("stage", sorted({stage for stage, _, _ in OTHERS.values()}))
def test_what_can_not_be_done(terminal: Terminal, stage: str) -> None:
    terminal.world(STAGES[stage])
    before = terminal.everything()
    for at, words, part in OTHERS.values():
        if at == stage:
            refused(terminal, words, part, before)


def test_a_secret_is_not_taken_not_shown_and_not_stored(terminal: Terminal, tmp_path: Path) -> None:
    terminal.world(STAGES["prepared"])
    before = terminal.everything()
    for words in SECRETS.values():
        said = refused(terminal, words, "this looks like a password", before)
        assert "Canary" not in said
        assert "vault" in said
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or b"Canary" not in file.read_bytes(), file


@pytest.mark.usefixtures("home")
class TestBefore:
    """Before there is anything to work with."""

    def test_no_store_yet(self, terminal: Terminal, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("STEWARD_DATABASE_URL")
        for words in (["status"], ["account", "list"], ["audit", "head"], REQUEST):
            said = terminal.steward(*words)
            assert (said.code, said.out) == (1, "")
            assert said.err.startswith("steward: There is no store here yet: run `make up`")
        assert terminal.steward("mail", "list").out == "No mail was caught.\n"
        assert not home.exists(), "looking made nothing"

    def test_a_store_without_tables(
        self, terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "empty.db").touch()
        monkeypatch.setenv("STEWARD_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
        said = terminal.steward("status")
        assert (said.code, said.out) == (1, "")
        assert "steward up" in said.err

    @pytest.mark.parametrize(
        ("content", "part"),
        [
            ("", "or at STEWARD_POLICY_FILE"),
            ("[policy\n", "line 1: the closing ] of a table's name is missing"),
            ("[organization]\nname = 3\n", "line 2, organization.name = 3: it should be a valid string"),
            ("zone", "organization.zone"),
        ],
    )
    def test_a_broken_policy(
        self,
        terminal: Terminal,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        content: str | None,
        part: str,
    ) -> None:
        file = tmp_path / "policy.toml"
        if content == "zone":
            shipped = (ROOT / "policy" / "ap151.toml").read_text()
            content = shipped.replace("America/Edmonton", "America/Nowhere")
        if content:
            file.write_text(content)
        monkeypatch.setenv("STEWARD_POLICY_FILE", str(file))
        said = terminal.steward("status")
        assert (said.code, said.out) == (2, "")
        assert "Traceback" not in said.err
        assert part in said.err

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("STEWARD_SMTP_PORT", "abc"),
            ("STEWARD_SMTP_SECURITY", "perhaps"),
            ("STEWARD_PREFECT_PORT", "x"),
            ("STEWARD_DATABASE_URL", f"nonsense {CANARY}"),
            ("STEWARD_DATABASE_URL", f"postgresql://u:{CANARY}@127.0.0.1:1/x"),
            ("STEWARD_DATABASE_URL", "sqlite:///x.db"),
            ("STEWARD_DATABASE_URL", "mysql+aiomysql://x"),
        ],
    )
    def test_a_bad_setting(
        self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        monkeypatch.setenv(name, value)
        said = terminal.steward("status")
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith(f"steward: The setting {name} can't be used: ")
        assert said.err.count("\n") == 1
        assert "Canary" not in said.err

    def test_a_database_that_is_away(self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("STEWARD_DATABASE_URL", f"postgresql+asyncpg://u:{CANARY}@127.0.0.1:1/x")
        said = terminal.steward("status")
        assert (said.code, said.out) == (1, "")
        assert said.err.count("\n") == 1
        assert "Canary" not in said.err


def test_prefect_being_away_is_no_error(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request is recorded; the wake-up waits. One line says that Prefect did not take it."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    said = terminal.steward(*REQUEST)
    assert said.code == 0
    assert "Request 1 is recorded" in said.out
    assert said.err.count("\n") == 1
    assert "relay.prefect_unavailable" in said.err
    assert mail(TEACHER) not in said.err
    assert [row["state"].value for row in terminal.rows("wake")] == ["pending"]

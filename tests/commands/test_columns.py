"""Columns with other names: asked about, said once with --map, remembered, listed and taken back."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.commands.commands import C
from tests.commands.terminal import Terminal

LIST = {
    "level": "Ebene",
    "platform": "Plattform",
    "handle": "Name des Kontos",
    "custody": "Zugang",
    "administrators": "Verwaltet von",
    "state": "Stand",
}
ROW = "division,Facebook,made.up,personal administrators,person1@example.org,live"
MAP = [word for ours, theirs in LIST.items() for word in ("--map", f"{theirs}={ours}")]
USERS = "sourcedId,status,enabledUser,orgSourcedIds,role,Vorname,familyName,Post\n"


def accounts(folder: Path, name: str, headers: str, row: str = ROW) -> Path:
    file = folder / name
    file.write_text(f"{headers}\n{row}\n")
    return file


def mine(terminal: Terminal) -> list[str]:
    return [one["handle"] for one in terminal.rows("account")]


def test_a_list_with_words_of_its_own_is_read_once_somebody_said_which_is_which(
    terminal: Terminal, tmp_path: Path
) -> None:
    first = accounts(tmp_path, "one.csv", ",".join(LIST.values()))
    refused = terminal.steward("import", "accounts", first, "--as", C)
    assert refused.code == 2
    assert "'platform' (did you mean 'Plattform'?), 'handle', 'custody'" in refused.err
    assert "--map 'Its header=level'" in refused.err

    tried = terminal.steward("import", "accounts", first, *MAP, "--dry-run", "--as", C)
    assert (tried.code, "the column 'Stand' is read as 'state'" in tried.out) == (0, True)
    assert (mine(terminal), terminal.rows("remembered")) == ([], [])  # a try keeps nothing
    terminal.steward("import", "accounts", first, *MAP, "--as", C)
    assert mine(terminal) == ["made.up"]

    other_order = list(reversed(LIST.values()))
    cells = ",".join(reversed(ROW.replace("made.up", "Second").split(",")))
    second = accounts(tmp_path, "two.csv", ",".join(other_order), cells)
    said = terminal.steward("import", "accounts", second, "--as", C)
    assert said.code == 0, said.err
    assert "'Stand' is read as 'state', as somebody said before" in said.out
    assert mine(terminal) == ["made.up", "Second"]

    listed = terminal.steward("import", "mappings")
    assert all(theirs in listed.out for theirs in LIST.values())
    number = next(one["id"] for one in terminal.rows("remembered") if one["value"] == "state")
    taken_back = terminal.steward("import", "unmap", number, "--as", C)
    assert taken_back.code == 0, taken_back.err
    again = accounts(tmp_path, "three.csv", ",".join(other_order), cells.replace("Second", "Third"))
    asked = terminal.steward("import", "accounts", again, "--as", C)
    assert (asked.code, "the header lacks 'state'" in asked.err) == (2, True)


def test_it_is_remembered_for_the_same_headers_and_the_same_kind_of_file_only(
    terminal: Terminal, tmp_path: Path
) -> None:
    first = accounts(tmp_path, "one.csv", ",".join(LIST.values()))
    assert terminal.steward("import", "accounts", first, *MAP, "--as", C).code == 0
    wider = accounts(tmp_path, "two.csv", ",".join([*LIST.values(), "Notiz"]), f"{ROW},x")
    assert terminal.steward("import", "accounts", wider, "--as", C).code == 2
    assert "not a Moodle report" in terminal.steward("import", "training", first, "--as", C).err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--map", "Stand"], "'Stand' does not say which column is which"),
        (["--map", "Stand=state", "--map", "Stant=purpose"], "No header is called 'Stant'"),
        (["--map", "Stand=stat"], "there is no column 'stat' to read 'Stand' as; did you mean \"state\"?"),
    ],
)
def test_what_can_not_be_is_refused(terminal: Terminal, tmp_path: Path, words: list[str], says: str) -> None:
    headers: Mapping[str, str] = {**{one: one for one in LIST}, "state": "Stand"}
    file = accounts(tmp_path, "one.csv", ",".join(headers.values()))
    said = terminal.steward("import", "accounts", file, *words, "--as", C)
    assert (said.code, says in said.err) == (2, True), said.err
    assert terminal.rows("remembered") == []


def test_a_typo_is_asked_about_with_the_words_to_say(terminal: Terminal, tmp_path: Path) -> None:
    headers = ",".join([*LIST, "purpos"])
    file = accounts(tmp_path, "one.csv", headers, f"{ROW},News of the division.")
    said = terminal.steward("import", "accounts", file, "--dry-run", "--as", C)
    assert "did you mean 'purpose'? Then say so once: --map 'purpos=purpose'." in said.out
    terminal.steward("import", "accounts", file, "--map", "purpos=purpose", "--as", C)
    assert terminal.rows("account")[0]["purpose"] == "News of the division."


def test_a_roster_and_a_training_report_alike(terminal: Terminal, tmp_path: Path) -> None:
    report = tmp_path / "completion-focus_on_privacy.csv"
    report.write_text("ID,Wer,Post,Fertig\n1,Given4 Sample4,person4@example.org,2026-09-14\n")
    said = ["--map", "Post=Email address", "--map", "Fertig=Course complete", "--map", "Wer=Name"]
    done = terminal.steward("import", "training", report, *said, "--course", "focus-on-privacy", "--as", C)
    assert (done.code, "1  new completion" in done.out) == (0, True), done.err

    bundle = tmp_path / "roster"
    bundle.mkdir()
    (bundle / "orgs.csv").write_text("sourcedId,name,type\nschool-1,Sample School 1,school\n")
    row = "person-{n},,true,school-1,teacher,Neu,Sample{n},person{n}@example.org\n"
    (bundle / "users.csv").write_text(USERS + "".join(row.format(n=n) for n in range(1, 8)))
    words = ["--map", "Vorname=givenName", "--map", "Post=email", "--allow-mass-deactivation"]
    taken = terminal.steward("import", "roster", bundle, *words, "--as", C)
    assert (taken.code, "'Vorname' is read as 'givenName'" in taken.out) == (0, True), taken.err
    assert {one["given_name"] for one in terminal.rows("person")} == {"Neu"}
    (bundle / "users.csv").write_text(USERS + "".join(row.format(n=n) for n in range(1, 7)))
    assert terminal.steward("import", "roster", bundle, "--dry-run", "--as", C).code == 0

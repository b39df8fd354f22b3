"""What in the lock is behind, and which cap holds it back."""

import subprocess
from typing import Any

import pytest
from packaging.requirements import Requirement

from deployments import outdated
from deployments.outdated import Newer, caps, requirements, said

REQUIREMENTS = {
    "prefect": [Requirement("fastapi>=0.111,<0.200"), Requirement("rich<15; extra == 'notebook'")],
    "pyproject.toml": [Requirement("Fast_API==0.150"), Requirement("rich>=13")],
}


@pytest.mark.parametrize(
    ("name", "newest", "held"),
    [
        ("fastapi", "0.150", ()),
        ("fastapi", "0.300", ("prefect (fastapi<0.200,>=0.111)",)),
        ("fast-api", "0.151", ("pyproject.toml (Fast_API==0.150)",)),
        ("rich", "15.1", ()),  # a cap of an extra that nobody asked for holds nothing
    ],
)
def test_a_cap_is_whoever_refuses_the_newest(name: str, newest: str, held: tuple[str, ...]) -> None:
    assert caps(name, newest, REQUIREMENTS) == held


def test_our_own_pins_are_among_the_requirements() -> None:
    found = requirements()
    assert any(one.name == "prefect" for one in found[outdated.OURS])
    assert found["prefect"]


def test_it_is_said_in_one_line_each() -> None:
    assert said([]) == ["Nothing in the lock has a newer version on this machine's index."]
    assert said([Newer("a", "1", "2", ("b (a<2)",)), Newer("c", "1", "2", ())]) == [
        "a 1: 2 is out, held by b (a<2)",
        "c 1: 2 is out; nothing holds it but the lock",
    ]


def test_without_an_index_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_words: Any, **_more: Any) -> None:
        raise subprocess.CalledProcessError(2, "uv")

    monkeypatch.setattr(subprocess, "run", refuse)
    with pytest.raises(SystemExit, match="can't be asked"):
        outdated.main()

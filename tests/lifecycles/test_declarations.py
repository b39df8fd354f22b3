"""Lifecycles are declared once: what wakes them, what runs them, and when the sweep comes to them."""

from typing import Any

import pytest
from ruamel.yaml import YAML

from schemas.events import EventKind
from schemas.settings import ROOT
from tasks.lifecycles import Turn, every, swept, woken_by

DEPLOYED: dict[str, Any] = {
    one["name"]: one for one in YAML(typ="safe").load(ROOT / "prefect.yaml")["deployments"]
}


def test_every_lifecycle_module_is_found() -> None:
    written = {one.parent.name for one in (ROOT / "tasks").glob("*/lifecycle.py")}

    assert len(every()) == len(written - {"accounts"})  # theirs is a stage of account creation


@pytest.mark.parametrize("lifecycle", every(), ids=lambda one: one.name)
def test_what_can_be_woken_has_a_deployment(lifecycle: Any) -> None:
    assert lifecycle.name in DEPLOYED or not lifecycle.woken_by


@pytest.mark.parametrize("event", EventKind)
def test_every_event_but_going_live_wakes_something(event: EventKind) -> None:
    assert bool(woken_by(event)) == (event is not EventKind.ACCOUNT_LIVE)


def test_the_sweep_comes_to_each_once_and_in_an_order() -> None:
    turns = [one.turn for one in swept()]
    assert turns == sorted(turn for turn in turns if turn is not None)  # two may share one: then by name
    assert set(turns) == set(Turn)

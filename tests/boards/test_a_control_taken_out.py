"""Controls of two policies taken out: the file loads, a night runs, its letters and pages are made.

The store has something of everything, as the whole policy left it: items, findings and suspensions of the
control that is gone are there.
"""

import asyncio
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from policy.controls import SanctionOf
from policy.controls.application_form import ApplicationForm
from policy.controls.approval import Approval
from policy.ledger import ledger
from policy.model import Policy, load, parse, text_of
from schemas.errors import BadPolicy
from schemas.settings import ROOT, Settings
from schemas.words import ItemKind
from tasks import clock
from tasks.mail.delivery import DeliveryReport
from tasks.rehearsal import fetching, sweep
from tasks.runtime import Runtime
from tasks.store import Store
from tests.boards.full_store import filled
from tests.boards.harbour_month import FILE as HARBOUR
from tests.boards.nightly import report
from tests.boards.taken_out import taken_out, turned_off
from tests.commands.terminal import steward
from tests.support.letters import Taken, deliver_at
from tests.support.promises import asked_who_may_not

AP151 = ROOT / "policy" / "ap151.toml"
BOARDS = {"ap151": AP151, "harbour": HARBOUR}
WHOLE = {board: load(file) for board, file in BOARDS.items()}
#: A Tuesday on which both boards have school, at night in each.
NIGHT = datetime(2026, 11, 3, 12, tzinfo=UTC)
EACH = [
    pytest.param(board, control.name, id=f"{board}-{control.name}")
    for board, whole in WHOLE.items()
    for control in whole.controls
]
#: All controls of each kind at once: nothing of that kind is left, as its code must bear.
KINDS = [
    pytest.param(board, tuple(one.name for one in controls if one.use == kind), id=f"{board}-{kind}")
    for board, controls in ((board, whole.controls) for board, whole in WHOLE.items())
    for kind in dict.fromkeys(one.use for one in controls)
    if kind != "application-form"
]
#: Without it a file does not load as long as accounts are approved: nobody could say what is complete.
NEEDED = {whole.the(ApplicationForm).name for whole in WHOLE.values()}


@pytest.fixture(scope="module")
def left(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A store of each board, after a night and a morning under its whole policy."""
    folder, found = tmp_path_factory.mktemp("boards"), {}
    for board in BOARDS:
        found[board] = folder / f"{board}.db"
        shutil.copyfile(sqlite_template, found[board])
        asyncio.run(_in_store(found[board], WHOLE[board], NIGHT, fill=True))
    return found


async def _in_store(file: Path, policy: Policy, now: datetime, *, fill: bool = False) -> DeliveryReport:
    """A night, its report and promises, and the mail of the day after it."""
    store = Store.open(f"sqlite+aiosqlite:///{file}")
    try:
        if fill:
            await filled(store, policy, now)
        runtime = Runtime(Settings(), policy, store)
        async for _ in sweep(runtime, now, Counter(), without=fetching()):
            pass
        if not fill:
            assert await report(store, policy, now)
            await asked_who_may_not(store, policy, now)  # each act is asked who may: it must answer
        noon = now + timedelta(hours=12)
        return await deliver_at(store, policy, Settings(), noon, Taken())
    finally:
        await store.close()


@pytest.mark.parametrize(("board", "controls"), KINDS)
def test_a_night_without_a_kind(
    board: str,
    controls: tuple[str, ...],
    left: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file, store = tmp_path / "policy.toml", tmp_path / "steward.db"
    file.write_text(taken_out(text_of(BOARDS[board]), WHOLE[board], *controls))
    shutil.copyfile(left[board], store)

    told = asyncio.run(_in_store(store, parse(file.read_text(), file), NIGHT + timedelta(days=1)))

    assert told.parked == 0
    monkeypatch.setenv("STEWARD_DATABASE_URL", f"sqlite+aiosqlite:///{store}")
    monkeypatch.setenv("STEWARD_POLICY_FILE", str(file))
    monkeypatch.setattr(clock, "now", lambda: NIGHT + timedelta(days=1, hours=6))
    for words in ("status", "account why 2", "account why 4"):
        said = steward(*words.split())
        assert (said.code, said.err) == (0, ""), words
        assert said.out


@pytest.mark.parametrize(("board", "control"), EACH)
def test_it_is_off(board: str, control: str) -> None:
    """Off is as if it were not there: the same rules run, and whatever is open has its terms."""
    whole, text = WHOLE[board], text_of(BOARDS[board])
    if control in NEEDED:
        for changed in (turned_off(text, control), taken_out(text, whole, control)):
            with pytest.raises(BadPolicy, match="complete: add an application-form"):
                parse(changed, Path("policy.toml"))
        return
    policy = parse(turned_off(text, control), Path("policy.toml"))
    without = parse(taken_out(text, whole, control), Path("policy.toml"))
    assert [one.name for one in policy.rules()] == [one.name for one in without.rules()]
    assert policy.sanctioned(SanctionOf.ACCOUNT) == without.sanctioned(SanctionOf.ACCOUNT)
    for level in policy.levels:
        approvals = [one.name for one in policy.applying(Approval, level=level.id)]
        assert approvals == [one.name for one in without.applying(Approval, level=level.id)]
    for kind in ItemKind:
        assert policy.terms(kind).due_school_days >= 0
        assert without.terms(kind).kind is kind
    assert ledger(policy)
    assert ledger(without)

"""docs/clauses.md says what clauses do on a running stack: they are driven there, and the mails read back."""

from policy.model import Policy
from tests.clauses.table import PAGE
from tests.stack.clauses import drive, written
from tests.stack.running import Place


def test_the_page_says_what_the_store_and_the_mail_catcher_said(stack: Place, policy: Policy) -> None:
    """Else: `python -m tests.stack.clauses`, and read what changed."""
    text = PAGE.read_text(encoding="utf-8")

    assert text == written(text, policy, drive(stack))

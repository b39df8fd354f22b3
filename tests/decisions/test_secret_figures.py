"""The two lists of secrets and ordinary texts, and vault references."""

import pytest

from policy.known import refuse_unknown
from policy.model import Policy
from schemas.errors import LooksLikeASecret
from schemas.forms import is_vault_reference, read
from schemas.secrets import looks_like_a_secret
from tasks.suspension.returns import HoldForm
from tests.decisions.secret_figures import DOC, listed, missed, written, wronged


def test_the_figures_of_the_document_are_those_of_the_lists() -> None:
    assert len(set(listed("secrets"))) >= 150
    assert len(set(listed("ordinary"))) >= 150
    assert (len(missed()), len(wronged())) <= (3, 3)
    text = DOC.read_text()
    assert written(text) == text, "run  python -m tests.decisions.secret_figures"


@pytest.mark.parametrize(
    "value", ["op://Schools/Lakeside/password", "bw://5f0c7a51", "Vault/École du Lac (2)"]
)
def test_a_vault_reference_names_an_entry(value: str) -> None:
    assert is_vault_reference(value, ["vault"])


@pytest.mark.parametrize(
    "value", ["Summer2026!", "hunter2", "vault", "vault/", "vault/x$y!", "http://vault/x", "op://", "other/9"]
)
def test_what_names_no_entry_is_refused_and_not_repeated(value: str, policy: Policy) -> None:
    assert not is_vault_reference(value, ["vault"])
    form = {"actor": "robin@example.org", "account": 1, "vault_reference": value}
    with pytest.raises(LooksLikeASecret) as refused:
        refuse_unknown(read(HoldForm, form), policy)
    assert not {"Summer2026!", "hunter2", "x$y!", "other/9"} & set(str(refused.value).split())


@pytest.mark.parametrize("piece", ["Aa1-", "abcdef-", "password ", "x://", "://a:"])
def test_a_very_long_text_comes_to_an_end(piece: str) -> None:
    """A hundred thousand characters: an expression that grows with the square would end in the time limit."""
    looks_like_a_secret((piece * 100_000)[:100_000])


@pytest.mark.parametrize("hidden", ["\u200b", "\u00ad", "\U000e0041"])
def test_what_nobody_sees_hides_nothing(hidden: str) -> None:
    word = "password: hunter2"
    assert all(looks_like_a_secret(word[:where] + hidden + word[where:]) for where in (1, 4))

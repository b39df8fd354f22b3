"""What looks like a password is refused, what people really write is not; bad fields are named (5.5, 11)."""

from datetime import date
from typing import Any, Literal

import pytest
from pydantic import Field

from policy.known import refuse_unknown
from policy.model import Policy
from schemas.errors import BadInput, LooksLikeASecret
from schemas.forms import Form, Reason, read
from schemas.secrets import looks_like_a_secret
from tasks.accounts.report import ReportForm
from tasks.acts.table import ACTS
from tasks.requests.decide import DecisionForm
from tasks.requests.hand_in import RequestForm


class _Filled(Form):
    number: int = Field(ge=1)
    on: date | None = None
    how: Literal["in public", "directly"] | None = None
    words: str = Field(default="", max_length=10)
    reason: Reason = "It fits."


PASSES = [
    "vault/Lakeside Instagram",
    "KeePass entry 17",
    "vault/Lakeside-Instagram-2026",
    "vault/YouTube2026",
    "NLPS/IT/Instagram-2026",
    "The password is kept in the vault.",
    "Our password is changed every year",
    "Le mot de passe est changé chaque année.",
    "L'école publie des nouvelles pour les parents d'élèves, qu'est-ce que c'est ?",
    "@lakeside.school",
    "(see @Lakeside_School2026)",
    "https://www.example.org/Lakeside_School2026/?id=7",
    "Call 780-555-0123 or mail office.2026@Example.org",
    "lakeside.example.org/News?id=3",
    "Grade7-Science news 2026-09-01",
    "Lakeside.School and Lakeside_School2026",
    "COVID-19 updates, K-12",
    "",
]
REFUSED = [
    "password: hunter2",
    "Password = correct",
    "passphrase: correct horse",
    "mot de passe : soleil1",
    "the password is hunter2",
    "the password is sunshine",
    "password hunter2",
    "pw: abc123",
    "PIN 4821",
    "pass: hunter2",
    "Xk9$pQ2!vL",
    "P@ssw0rd2024!",
    "Tr0ub4dor&3",
    "aB3$/xY9!kLm",
    "hipvub-Cyzqe6-zefnaj",
    "sign in at https://robin:hunter2@example.org/",
]


@pytest.mark.parametrize("text", PASSES)
def test_what_people_write_passes(text: str) -> None:
    assert not looks_like_a_secret(text)


@pytest.mark.parametrize("text", REFUSED)
def test_a_secret_is_seen(text: str) -> None:
    assert looks_like_a_secret(text)


REQUEST: dict[str, object] = {
    "actor": "robin@example.org",
    "level": "school",
    "channel": "social media account",
    "platform": "Instagram",
    "handle": "@lakeside",
}
DECISION: dict[str, object] = {
    "request": 1,
    "actor": "robin@example.org",
    "verdict": "approve",
    "reason": "Fits the plan.",
}
REPORT: dict[str, object] = {
    "account": 1,
    "actor": "robin@example.org",
    "address": "https://www.example.org/lakeside",
    "platform_id": "17841400000000001",
}


@pytest.mark.parametrize(
    ("form", "good", "field", "typed", "named"),
    [
        (RequestForm, REQUEST, "actor", "no@address", "actor"),
        (RequestForm, REQUEST, "channel", "smoke", "channel"),
        (RequestForm, REQUEST, "handle", "@", "handle"),
        (RequestForm, REQUEST, "handle", "", "handle"),
        (RequestForm, REQUEST, "handle", "ß" * 60, "handle"),
        (RequestForm, REQUEST, "handle", "two\nlines", "handle"),
        (RequestForm, REQUEST, "school", "bell\x07", "school"),
        (RequestForm, REQUEST, "purpose", "x" * 4001, "purpose"),
        (RequestForm, REQUEST, "administrators", ["a@example.org", "typed@nonsense"], "administrators 2"),
        (RequestForm, REQUEST, "custody", "sticky note", "custody"),
        (RequestForm, REQUEST, "surprise", "unwanted", "surprise"),
        (DecisionForm, DECISION, "request", 0, "request"),
        (DecisionForm, DECISION, "verdict", "perhaps", "verdict"),
        (DecisionForm, DECISION, "reason", "     ", "reason"),
        (ReportForm, REPORT, "address", "ftp://example.org", "address"),
        (ReportForm, REPORT, "address", "https://", "address"),
        (ReportForm, REPORT, "address", "https://[typed", "address"),
        (ReportForm, REPORT, "platform_id", "  ", "platform_id"),
    ],
)
def test_a_bad_field_is_named_and_what_was_typed_is_not(
    form: type[Form], good: dict[str, object], field: str, typed: Any, named: str
) -> None:
    read(form, good)
    with pytest.raises(BadInput, match=rf"^{named}: \S.*\.$") as refused:
        read(form, good | {field: typed})
    words = typed if isinstance(typed, list) else [typed]
    assert not any(str(word) in str(refused.value) for word in words if len(str(word).strip()) > 2)


@pytest.mark.parametrize(
    ("field", "typed", "named"),
    [
        ("level", "galaxy", "Level"),
        ("platform", "Usenet", "Platform"),
        ("tools_considered", ["typewriter"], "Provided tools considered"),
    ],
)
def test_a_word_that_the_policy_lacks_is_told_with_its_list_and_not_repeated(
    policy: Policy, field: str, typed: Any, named: str
) -> None:
    form = read(RequestForm, REQUEST | {field: typed})
    with pytest.raises(BadInput, match=rf"^{named}: none of the policy's words.*: \S.*\.$") as refused:
        refuse_unknown(form, policy)
    assert "galaxy" not in str(refused.value)


@pytest.mark.parametrize("secret", REFUSED)
@pytest.mark.parametrize(
    ("form", "good", "field"),
    [
        (RequestForm, REQUEST, "purpose"),
        (RequestForm, REQUEST, "handle"),
        (DecisionForm, DECISION, "reason"),
        (ReportForm, REPORT, "vault_reference"),
    ],
)
def test_a_secret_is_refused_without_being_repeated(
    form: type[Form], good: dict[str, object], field: str, secret: str
) -> None:
    with pytest.raises(LooksLikeASecret, match=f"^{field}: .*vault") as refused:
        read(form, good | {field: secret})
    assert secret not in str(refused.value)


def test_a_secret_in_an_address_or_a_fields_name_is_not_repeated() -> None:
    with pytest.raises(LooksLikeASecret, match=r"^address: ") as refused:
        read(ReportForm, REPORT | {"address": "https://robin:hunter2@example.org/"})
    assert "hunter2" not in str(refused.value)
    with pytest.raises(BadInput, match=r"^a field: ") as unknown:
        read(RequestForm, REQUEST | {"password: hunter2": "x"})
    assert "hunter2" not in str(unknown.value)


@pytest.mark.parametrize("number", ["UCBR8-60-B28hp2BmDPdntcQ", "did:plc:z72i7hdynmk6r22z27h6", "44196397"])
def test_a_platforms_own_id_may_look_random(number: str) -> None:
    assert read(ReportForm, REPORT | {"platform_id": number}).platform_id == number


def test_what_pasting_brings_along_is_mended() -> None:
    form = read(RequestForm, REQUEST | {"purpose": "Pourquoi\u00a0?\r\nPour les\u202ffamilles 👩\u200d🏫"})
    assert form.purpose == "Pourquoi ?\nPour les familles 👩\u200d🏫"


@pytest.mark.parametrize("form", [entry.load().form for entry in ACTS.values()], ids=list(ACTS))
def test_a_run_form_keeps_the_order_in_which_its_fields_are_written(form: type[Form]) -> None:
    """Prefect's database forgets the order of keys; its user interface sorts by `position`."""
    fields = form.model_json_schema()["properties"]
    assert [fields[name]["position"] for name in form.model_fields] == list(range(len(form.model_fields)))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "number: this is needed"),
        ({"number": "x"}, "number: a whole number"),
        ({"number": 0}, "number: at least 1"),
        ({"number": 1, "on": "soon"}, "on: a day, as 2026-09-30"),
        ({"number": 1, "how": "loud"}, "how: one of 'in public' or 'directly'"),
        ({"number": 1, "words": "ab" * 10}, "words: at most 10 characters; yours has 20"),
        ({"number": 1, "reason": ""}, "reason: say why, in a sentence"),
        ({"number": 1, "reason": "ok"}, "reason: say it in a few more words"),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_who_filled_it_in(values: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(_Filled, values)
    assert str(refused.value) == f"{said}."

"""Every letter in every variation: in the language of who reads it, and with no word of ours in English."""

from dataclasses import replace
from email import message_from_bytes
from email import policy as mail_policy
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser as HTMLParser

from policy.model import Policy
from policy.notices import NoticeContext
from policy.notices.requests import RequestApproved
from schemas.language import speaking, spoken
from tasks.mail.messages import Message
from tasks.mail.mime import sender_of
from tasks.mail.writing import Writer, entry, letter
from tests.mail.mail_cases import NOW, division, notice
from tests.mail.variations import every_variation
from tests.texts.marked import corpus, english, marked

SENDER = sender_of("Steward <steward@example.org>", "communications@example.org")
WITH_PAGES = replace(SENDER, pages="https://steward.example.org")


def test_no_letter_has_a_word_of_ours_in_english(policy: Policy, tmp_path: Path) -> None:
    wrong: dict[str, set[str]] = {}
    with marked(tmp_path), speaking("fr"):
        for sender in (SENDER, WITH_PAGES):
            for one in every_variation(policy):
                known = corpus(policy, vars(one.context.rows), one.context.notice)
                made = letter([entry(one.context, sender)], one.context, sender)
                page = HTMLParser(made.html).css("body")[0].text(separator="\n")
                said = english(f"{made.subject}\n{made.text}\n{page}", known + "\n" + _named(one.context))
                if said:
                    wrong.setdefault(one.kind.kind, set()).update(said)
    assert wrong == {}


def _named(context: NoticeContext) -> str:
    rows, policy = context.rows, context.policy
    called = [policy.says_account(one.platform, one.handle) for one in rows.accounts.values()]
    called += [policy.says_account(one.platform, one.handle) for one in rows.requests.values()]
    return "\n".join(one.lower() for one in [*called, *(one.name for one in rows.people.values())])


def test_each_letter_is_in_the_language_of_who_reads_it(policy: Policy) -> None:
    rows = division()
    rows.people[2].language = "fr"
    writer = Writer(policy, SENDER, rows, NOW)
    subjects = []
    for person in (1, 2):
        mail = writer.write(Message(f"one/{person}", person, (notice(RequestApproved, person, to=person),)))
        assert mail is not None
        read = message_from_bytes(mail.data, policy=mail_policy.default)
        page = read.get_body(("html",))
        assert page is not None
        subjects.append((read["Subject"].partition(":")[0].strip(), page.get_content().split(">")[1].strip()))
    assert subjects == [("Approved", '<html lang="en"'), ("Approuvé", '<html lang="fr"')]
    assert spoken() == "en"

"""The letter with a code. It is sent at once and never kept: what it holds would sign somebody in."""

from datetime import datetime
from html import escape

from policy.model import Policy
from schemas.language import known, speaking, spoken, t
from schemas.settings import Settings
from tasks.mail.mime import Letter, build, message_id, sender_of
from tasks.mail.smtp import Post, Smtp
from tasks.sign_in.attempts import LASTS, Sent
from tasks.sign_in.tokens import hashed

MINUTES = int(LASTS.total_seconds() // 60)


def written(sent: Sent, policy: Policy, address: str) -> Letter:
    """The letter. The code comes first, since a phone shows the beginning; the link opens the same page."""
    name, link = policy.organization.name, f"{address}/sign-in/mail/link?link={sent.link}"
    hello = t("Hello {name},", name=sent.person.name)
    code = t("Your code is {code}. Type it on the page where you asked for it, within {minutes} minutes.",
             code="{code}", minutes=MINUTES)  # fmt: skip
    opened = t("Or open this link in the same browser, and press the button there:")
    careful = t(
        "You did not ask for it? Then do nothing: without this letter nobody can sign in as you. "
        "Nobody will ever ask you for the code."
    )
    subject = t("Your code to sign in: {code}", code=sent.code)
    parts = (hello, code.replace("{code}", sent.code), f"{opened}\n{link}", careful, name)
    shown = escape(code).replace("{code}", f"<strong>{sent.code}</strong>")
    html = (
        f'<!doctype html><html lang="{spoken()}"><head><meta charset="utf-8"><title>{t("Your code")}</title>'
        f"</head><body><p>{escape(hello)}</p><p>{shown}</p>"
        f'<p>{opened} <a href="{escape(link)}">{t("Sign in")}</a></p>'
        f"<p>{escape(careful)}</p><p>{escape(name)}</p></body></html>"
    )
    return Letter(subject, "\n\n".join(parts) + "\n", html)


async def send(
    sent: Sent, settings: Settings, policy: Policy, *, now: datetime, post: Post | None = None
) -> None:
    """Send it. Raises NotTaken or Unknowable: then the person asks for another one."""
    sender = sender_of(settings.mail_from, settings.mail_reply_to)
    domain = sender.address.rpartition("@")[2]
    with speaking(known(sent.person.language or spoken())):
        letter = written(sent, policy, settings.portal_address)
    message = build(
        letter,
        sender=sender,
        name=sent.person.name,
        address=sent.person.email,
        identity=message_id(hashed(sent.link), domain),
        notices=[],
        uncertain=False,
        now=now,
    )
    carrier = post or Smtp(settings, per_connection=1)
    try:
        await carrier.send(sender.address, sent.person.email, message)
    finally:
        await carrier.close()

"""The letter with a code. It is sent at once and never kept: what it holds would sign somebody in."""

from datetime import datetime
from html import escape

from policy.model import Policy
from schemas.settings import Settings
from tasks.mail.mime import Letter, build, message_id, sender_of
from tasks.mail.smtp import Post, Smtp
from tasks.sign_in.attempts import LASTS, Sent
from tasks.sign_in.tokens import hashed

MINUTES = int(LASTS.total_seconds() // 60)


def written(sent: Sent, policy: Policy, address: str) -> Letter:
    """The letter. The code comes first, since a phone shows the beginning; the link opens the same page."""
    name, link = policy.organization.name, f"{address}/sign-in/mail/link?link={sent.link}"
    text = (
        f"Hello {sent.person.name},\n\n"
        f"your code is {sent.code}. Type it on the page where you asked for it, within {MINUTES} minutes.\n\n"
        f"Or open this link in the same browser, and press the button there:\n{link}\n\n"
        "You did not ask for it? Then do nothing: without this letter nobody can sign in as you. "
        "Nobody will ever ask you for the code.\n\n"
        f"{name}\n"
    )
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Your code</title></head><body>'
        f"<p>Hello {escape(sent.person.name)},</p>"
        f"<p>your code is <strong>{sent.code}</strong>. Type it on the page where you asked for it, within "
        f"{MINUTES} minutes.</p>"
        f'<p>Or <a href="{escape(link)}">open this link</a> in the same browser, and press its button.</p>'
        "<p>You did not ask for it? Then do nothing: without this letter nobody can sign in as you. "
        f"Nobody will ever ask you for the code.</p><p>{escape(name)}</p></body></html>"
    )
    return Letter(f"Your code to sign in: {sent.code}", text, html)


async def send(
    sent: Sent, settings: Settings, policy: Policy, *, now: datetime, post: Post | None = None
) -> None:
    """Send it. Raises NotTaken or Unknowable: then the person asks for another one."""
    sender = sender_of(settings.mail_from, settings.mail_reply_to)
    domain = sender.address.rpartition("@")[2]
    message = build(
        written(sent, policy, settings.portal_address),
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

"""A new installation: its answers become settings, a policy of its own, and the first holders of offices.

Everything is checked, and a test letter sent where one is wanted, before anything is written. Done again, it
writes the settings anew and changes nothing that people have decided since.
"""

import asyncio
import os
import tempfile
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path

from pydantic import SecretStr, ValidationError

from deployments.local.alone import INIT, beside_a_stack, runs
from deployments.migrations import upgrade
from policy.localized import with_organization
from policy.model import Policy, parse, text_of
from schemas.answers import Answers
from schemas.errors import BadInput, BadSettings, MailRefused
from schemas.settings import FILE, ROOT, Settings
from tasks.adoption.adopt import adopt_first
from tasks.mail.smtp import Post, Smtp
from tasks.people.beginning import begin, refuse_offices
from tasks.store import Store

POLICY = "policy.toml"


def read_answers(file: Path) -> Answers:
    """The answers of a TOML file. Raises BadInput with the key and what is wrong with it."""
    try:
        content = tomllib.loads(file.read_text())
    except OSError as error:
        raise BadInput(f"The answers can't be read from {file.name}: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{file.name} is no TOML: {error}.") from None
    return checked(content, file.name)


def checked(content: Mapping[str, object], where: str) -> Answers:
    """Answers from plain values. Raises BadInput for the first that does not fit."""
    try:
        return Answers.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "missing":
            what = f"the section [{key}]" if len(first["loc"]) == 1 else key
            raise BadInput(f"{where} does not have {what}: docs/operations.md has all answers.") from None
        raise BadInput(f"{where}: {key}: {first['msg']}.") from None


def settings_of(answers: Answers, data_dir: Path) -> dict[str, str]:
    """The settings that say it, by the names of their variables."""
    mail, pages = answers.mail, answers.sign_in
    said = {
        "STEWARD_SAMPLE": "false",
        "STEWARD_POLICY_FILE": str(data_dir / POLICY),
        "STEWARD_MAIL_FROM": f"Steward <{mail.sender}>",
        "STEWARD_MAIL_REPLY_TO": mail.reply_to,
        "STEWARD_PORTAL_SIGN_IN": "[" + ", ".join(f'"{one}"' for one in sorted(pages.ways)) + "]",
        "STEWARD_PORTAL_URL": pages.address,
        "STEWARD_PORTAL_PROVIDER": pages.provider,
        "STEWARD_PORTAL_PROVIDER_NAME": pages.provider_name,
        "STEWARD_PORTAL_CLIENT_ID": pages.client_id,
        "STEWARD_PORTAL_CLIENT_SECRET": pages.client_secret.get_secret_value(),
        "STEWARD_PORTAL_DOMAIN": pages.domain,
    }
    if mail.host:
        said |= {
            "STEWARD_SMTP_HOST": mail.host,
            "STEWARD_SMTP_PORT": str(mail.port),
            "STEWARD_SMTP_SECURITY": mail.security,
            "STEWARD_SMTP_USER": mail.user,
            "STEWARD_SMTP_PASSWORD": mail.password.get_secret_value(),
        }
    return {name: value for name, value in said.items() if value}


def written(said: Mapping[str, str]) -> str:
    """The file's text, one setting a line, quoted as the reader of such files wants it."""
    lines = ["# Written by `steward init`. Variables of the environment come first."]
    for name, value in said.items():
        if "\n" in value or "'" in value:
            raise BadSettings(f"The setting {name} can't hold a line break or an apostrophe.")
        lines.append(f"{name}='{value}'")
    return "\n".join(lines) + "\n"


async def set_up(
    answers: Answers, settings: Settings, now: datetime, *, post: Post | None = None
) -> tuple[str, ...]:
    """Do it; what was done, a sentence each. `post` stands in for the mail server of the answers.

    Raises BadInput, BadPolicy, BadSettings or MailRefused before anything is written, and RunsAlready while a
    backup is being restored there.
    """
    home = settings.data_dir.resolve()
    source = Path(answers.policy) if answers.policy else ROOT / "policy" / "ap151.toml"
    text = with_organization(text_of(source), answers.organization.model_dump())
    policy = parse(text, source)
    if answers.offices or not (home / FILE).exists():
        refuse_offices(policy, answers.offices)
    said = settings_of(answers, home)
    content = written(said)
    _refuse(content)
    done = list[str]()
    if answers.mail.test_letter_to:
        await _test_letter(answers, policy, now, post)
        done.append(f"A test letter was taken by {answers.mail.host or 'the mail server'}: see that it came.")
    with beside_a_stack(home, INIT):
        home.chmod(0o700)
        if not (home / POLICY).exists():
            _write(home / POLICY, text)
            done.append(f"The policy is {home / POLICY}: its days off and levels are there to be changed.")
        _write(home / FILE, content)
        done.append(f"The settings are in {home / FILE}, for its owner's eyes alone.")
        done += await _begun(settings, home / POLICY, answers, now)
    if runs(home):
        done.append("Steward runs here with the settings of before: end it now, and start it again.")
    return tuple(done)


async def _begun(settings: Settings, file: Path, answers: Answers, now: datetime) -> tuple[str, ...]:
    store = Store.open(settings.store_url)
    await asyncio.to_thread(store.make_file)
    await asyncio.to_thread(upgrade, settings.store_url)
    try:
        adopted = await adopt_first(store, file, now)
        first = await begin(store, parse(text_of(file), file), answers.offices, now)
    finally:
        await store.close()
    kept = () if first else ("People are stored already: nobody's office was changed.",)
    return (f"The store is prepared: {adopted}.", *(f"{one}." for one in first), *kept)


def _refuse(content: str) -> None:
    """Raises BadSettings for settings with which nothing could start."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, FILE)
        made.write_text(content)
        try:
            Settings(_env_file=made)
        except ValidationError as error:
            raise BadSettings(f"These answers can't be used: {error.errors()[0]['msg']}.") from None


async def _test_letter(answers: Answers, policy: Policy, now: datetime, post: Post | None) -> None:
    mail, to = answers.mail, str(answers.mail.test_letter_to)
    if not mail.host and post is None:
        raise BadInput("A test letter needs a mail server: give mail.host, or leave mail.test_letter_to out.")
    letter = EmailMessage(SMTP)
    letter["From"], letter["To"] = f"Steward <{mail.sender}>", to
    letter["Subject"], letter["Date"] = "Steward can send mail", format_datetime(now)
    letter["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2])
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(
        f"Steward of {policy.organization.name} sends its letters by this server.\n"
        f"Answers go to {mail.reply_to}. There is nothing to do.\n"
    )
    by = Settings(
        smtp_host=mail.host or "127.0.0.1",
        smtp_port=mail.port,
        smtp_security=mail.security,
        smtp_user=mail.user or None,
        smtp_password=SecretStr(mail.password.get_secret_value()) if mail.user else None,
    )
    carrier = post or Smtp(by, per_connection=1)
    try:
        await carrier.send(mail.sender, to, letter.as_bytes())
    except MailRefused as error:
        raise MailRefused(f"The test letter did not leave, and nothing was written. {error}") from None
    finally:
        await carrier.close()


def _write(path: Path, content: str) -> None:
    """At once as a whole, for its owner's eyes alone."""
    number, made = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(number, "w") as file:
            file.write(content)
        Path(made).replace(path)
    finally:
        with suppress(FileNotFoundError):
            Path(made).unlink()

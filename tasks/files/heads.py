"""Heads of the audit chain that leave this machine: written to a file, each signed with Ed25519.

Each is a note as the checkpoints of transparency logs are: origin, size, hash, an empty line, the signature.
"""

import base64
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from schemas.errors import BadInput

#: The first line of each note, and the name of who signs it.
ORIGIN = "steward-audit-chain"

#: Ed25519, in the four bytes by which a note's signature says which key made it.
_ED25519 = b"\x01"
_ID_BYTES = 4

_NOTE = re.compile(
    rf"(?P<text>{ORIGIN}\n(?P<seq>[0-9]{{1,18}})\n(?P<hash>[A-Za-z0-9+/]{{43}}=)\n)\n"
    rf"— {ORIGIN}[ \n](?P<signature>[A-Za-z0-9+/]{{91}}=)\n+"
)


@dataclass(frozen=True)
class LeftHead:
    """A head as it left: the newest entry's number, and its hash in hexadecimal digits."""

    seq: int
    hash: str


def public_text(key: Ed25519PublicKey) -> str:
    """A public key as it is kept elsewhere and typed."""
    return base64.b64encode(key.public_bytes_raw()).decode()


def public_key(text: str) -> Ed25519PublicKey:
    """The public key that was kept. Raises BadInput."""
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text.strip(), validate=True))
    except ValueError:
        raise BadInput(
            "--key wants the public key that `steward audit head --to` printed: copy it again."
        ) from None


def signed(head: LeftHead, key: Ed25519PrivateKey) -> str:
    """The head as a signed note."""
    text = f"{ORIGIN}\n{head.seq}\n{base64.b64encode(bytes.fromhex(head.hash)).decode()}\n"
    signature = _id(key.public_key()) + key.sign(text.encode())
    return f"{text}\n— {ORIGIN} {base64.b64encode(signature).decode()}\n"


def append(path: Path, note: str) -> None:
    """Add a signed head to the file, which is made where it is missing. Raises BadInput."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
            file.write(note.encode())
    except OSError as error:
        raise BadInput(f"The head can't be written to {path.name}: {error.strerror}.") from None


def read(path: Path, key: Ed25519PublicKey) -> tuple[LeftHead, ...]:
    """All heads of the file, the oldest first. Raises BadInput where one is damaged or by another key."""
    try:
        text = path.read_bytes().decode().replace("\r\n", "\n")  # as mail has its lines
    except OSError as error:
        raise BadInput(f"The heads can't be read from {path.name}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path.name} is no file of signed heads.") from None
    heads, at = list[LeftHead](), 0
    while at < len(text):
        note = _NOTE.match(text, at)
        if note is None:
            raise BadInput(f"Head {len(heads) + 1} in {path.name} can't be read: the file was damaged.")
        if not _is_by(key, note):
            raise BadInput(
                f"Head {len(heads) + 1} in {path.name} was not signed with this key, or altered afterwards."
            )
        heads.append(LeftHead(int(note["seq"]), base64.b64decode(note["hash"]).hex()))
        at = note.end()
    if not heads:
        raise BadInput(f"There is no head in {path.name}.")
    return tuple(heads)


def _is_by(key: Ed25519PublicKey, note: re.Match[str]) -> bool:
    signature = base64.b64decode(note["signature"])
    if base64.b64encode(signature).decode() != note["signature"] or signature[:_ID_BYTES] != _id(key):
        return False
    try:
        key.verify(signature[_ID_BYTES:], note["text"].encode())
    except InvalidSignature:
        return False
    return True


def _id(key: Ed25519PublicKey) -> bytes:
    named = ORIGIN.encode() + b"\n" + _ED25519 + key.public_bytes_raw()
    return hashlib.sha256(named).digest()[:_ID_BYTES]

"""The key of this installation: it signs heads of the audit chain, and other secrets are made from it."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from schemas.errors import BadInput
from schemas.settings import load as load_settings

_SECRET_BYTES = 32


def own_secret(data_dir: Path, purpose: str) -> bytes:
    """32 bytes for one purpose, made from the key of this installation: the same each time.

    Who has the store and not the data directory does not have them. Raises BadInput.
    """
    made = HKDF(algorithm=SHA256(), length=_SECRET_BYTES, salt=None, info=f"steward/{purpose}".encode())
    return made.derive(own_key(data_dir).private_bytes_raw())


def forgotten_secret() -> bytes:
    """The secret by which digests of the addresses of forgotten people are made. Raises BadInput."""
    return own_secret(load_settings().shared_dir, "forgotten")


def own_key(data_dir: Path) -> Ed25519PrivateKey:
    """The key of this installation, made at its first use, for its owner's eyes alone. Raises BadInput."""
    path = data_dir / "audit.key"
    try:
        if not path.exists():
            _make_key(path)
    except OSError as error:
        raise BadInput(
            f"The key {path.name} can't be made in the data directory: {error.strerror}."
        ) from None
    try:
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    except (OSError, ValueError):
        raise BadInput(
            f"The key {path.name} in the data directory can't be used: put it back from a backup."
        ) from None


def _make_key(path: Path) -> None:
    """It has its name once it is whole; of two at once the first one's key stays. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, made = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")  # for its owner's eyes alone
    try:
        with os.fdopen(number, "wb") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes_raw())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(made, path)
    finally:
        Path(made).unlink()

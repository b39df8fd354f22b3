"""Certificates are read where there is something to verify, and once."""

import ssl
from typing import Any

import pytest

from tasks.prefect import api
from tasks.prefect.api import PrefectApi


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each time that authorities were read."""
    times: list[str] = []

    def reading(_context: ssl.SSLContext, *_: Any, **__: Any) -> None:
        times.append("read")

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", reading)
    api._whom_to_trust.cache_clear()
    return times


def trusted(one: PrefectApi) -> ssl.SSLContext:
    """What a connection of it verifies with."""
    context: ssl.SSLContext = one._http._transport._pool._ssl_context  # type: ignore[attr-defined]
    return context


def test_over_plain_http_no_certificate_is_read_and_nobody_is_trusted(read: list[str]) -> None:
    context = trusted(PrefectApi("http://127.0.0.1:4200/api", None))
    assert read == []
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.get_ca_certs() == []


def test_over_https_the_authorities_are_read_once_for_all(read: list[str]) -> None:
    one, another = (trusted(PrefectApi(f"https://{name}.example.org/api", None)) for name in ("a", "b"))
    assert read == ["read"]
    assert one is another
    assert (one.verify_mode, one.check_hostname) == (ssl.CERT_REQUIRED, True)
    api._whom_to_trust.cache_clear()  # it trusts nobody here

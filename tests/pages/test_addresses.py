"""Which addresses are fetched at all."""

from ipaddress import ip_address

import pytest

from tasks.pages.addresses import check, parse, public
from tasks.pages.port import PageUnreadable, Refusal


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "168.63.129.16",
        "100.64.0.1",
        "100.100.100.200",
        "0.0.0.0",  # noqa: S104 - to be refused
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.88.99.1",
        "192.0.0.192",
        "198.18.0.1",
        "203.0.113.5",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::808:808",
        "2002:7f00:1::",
        "2002:808:808::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "2001:db8::1",
        "3fff::1",
        "100::1",
        "5f00::1",
        "2606:4700::5efe:7f00:1",
    ],
)
def test_not_public(ip: str) -> None:
    assert not public(ip_address(ip))
    with pytest.raises(PageUnreadable) as caught:
        check(ip, 443, frozenset({"127.0.0.1:8080"}))
    assert caught.value.code is Refusal.NOT_PUBLIC


@pytest.mark.parametrize("ip", ["8.8.8.8", "2606:4700::6810:1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public(ip: str) -> None:
    check(ip, 443, frozenset())


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org/", "file:///etc/passwd", "javascript:alert(1)", "example.org", "", "http://",
        "//x.org/",
        "https://user@example.org/", "https://user:word@example.org/", "https://example.org:8443/",
        "http://example.org:22/", "http://localhost/", "http://intranet/", "http://2130706433/", "http://0x7f.1/",
        "http://0177.0.0.1/", "http://127.1/", "http://127.0.0.1./", "http://0x7f000001/",
        "http://example.org\\@127.0.0.1/", "http://exa mple.org/", "http://example.org/\r\nHost: x",
        "http://\uff11\uff12\uff17.0.0.1/", "http://[fe80::1%25eth0]/", "http://[::1",
        "https://x.org/" + "a" * 2000,
    ],
)  # fmt: skip
def test_forms_that_are_refused(address: str) -> None:
    with pytest.raises(PageUnreadable) as caught:
        parse(address, frozenset())
    assert caught.value.code is Refusal.ADDRESS
    assert "example.org" not in str(caught.value)


def test_forms_that_are_taken() -> None:
    assert parse("https://example.org/a?b#c", frozenset()).url == "https://example.org/a?b"
    assert parse("https://\u00e9cole.example.org/", frozenset()).host == "xn--cole-9oa.example.org"
    assert parse("http://localhost:8080/", frozenset({"localhost:8080"})).port == 8080
    assert parse("http://[::1]:8080/", frozenset({"[::1]:8080"})).host == "::1"

"""Fetching over real HTTP, from a server on this machine that does what hostile servers do."""

import asyncio
import gzip
import ssl
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from schemas.words import PageVerdict
from tasks.pages import HttpPageReader, PageLimits, PageUnreadable, Refusal
from tasks.pages.network import CheckedNetwork, Resolve
from tasks.pages.sandbox import read_apart
from tests.support.page_site import CARRIED, LIMITS, NOTICE, Site, answer, redirect, serving


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving() as one:
        yield one


def names(*answers: str) -> tuple[Resolve, list[str]]:
    asked: list[str] = []

    async def one_after_the_other(host: str, port: int) -> list[str]:  # noqa: ARG001
        asked.append(host)
        return [answers[min(len(asked), len(answers)) - 1]]

    return one_after_the_other, asked


async def test_a_page_with_the_notice(site: Site) -> None:
    site.pages["/"] = answer(f"<h1>Caf\u00e9</h1>{CARRIED}", "Set-Cookie: a=b")
    look = await site.look("/#top")
    assert look.verdict is PageVerdict.EXACT
    assert (look.http_status, look.final_address, look.notice_found_at) == (200, site.at("/"), None)
    assert look.text.startswith("Caf\u00e9\nNorthern")
    assert len(look.statements) == len(NOTICE.statements)
    assert "user-agent: steward" in site.asked[0].lower()
    assert "cookie" not in site.asked[0].lower()


async def test_redirects_are_followed_and_carry_no_cookies(site: Site) -> None:
    site.pages["/a"] = answer(b"", "Location: b", "Set-Cookie: a=b", status="301 Moved")
    site.pages["/b"] = answer(CARRIED)
    look = await site.look("/a")
    assert (look.verdict, look.final_address) == (PageVerdict.EXACT, site.at("/b"))
    assert "cookie" not in site.asked[1].lower()


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("/loop", Refusal.TOO_MANY_REDIRECTS),
        ("http://10.0.0.1/", Refusal.NOT_PUBLIC),
        ("http://169.254.169.254/latest", Refusal.NOT_PUBLIC),
        ("http://[::ffff:127.0.0.1]/", Refusal.NOT_PUBLIC),
        ("http://127.0.0.1:1/", Refusal.ADDRESS),
        ("file:///etc/passwd", Refusal.ADDRESS),
        ("http://a:b@example.org/", Refusal.ADDRESS),
        ("/accounts/login/?next=/", Refusal.SIGN_IN),
    ],
)
async def test_redirects_that_are_refused(site: Site, to: str, code: Refusal) -> None:
    site.pages["/loop"] = redirect(to)
    assert await site.refusal(site.at("/loop")) is code
    assert len(site.asked) == (6 if to == "/loop" else 1)


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (answer(status="404 Not Found"), Refusal.STATUS),
        (answer(status="503 Busy"), Refusal.STATUS),
        (answer(status="403 Forbidden"), Refusal.SIGN_IN),
        (answer(b"%PDF", kind="application/pdf"), Refusal.NOT_A_PAGE),
        (answer(b"x", "Content-Encoding: br"), Refusal.BROKEN),
        (answer(b"no gzip", "Content-Encoding: gzip"), Refusal.BROKEN),
        (answer(gzip.compress(b"x" * 99)[:-4], "Content-Encoding: gzip"), Refusal.BROKEN),
        (answer(gzip.compress(b"") * 50, "Content-Encoding: gzip"), Refusal.BROKEN),
        (answer(b"x" * 2_000_001), Refusal.TOO_LARGE),
        (b"nonsense\r\n\r\n", Refusal.BROKEN),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99\r\n\r\nhalf", Refusal.BROKEN),
        (b"", Refusal.BROKEN),
    ],
)
async def test_answers_that_are_no_page(site: Site, page: bytes, code: Refusal) -> None:
    site.pages["/"] = page
    assert await site.refusal(site.at("/")) is code
    look = await site.look("/")
    document = code is Refusal.NOT_A_PAGE
    assert look.verdict is (PageVerdict.UNCLEAR if document else PageVerdict.UNREACHABLE)
    assert look.detail


async def test_a_compressed_bomb_is_stopped_early(site: Site) -> None:
    squeeze = zlib.compressobj(9, wbits=31)
    first, again = (squeeze.compress(bytes(1_000_000)) + squeeze.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    bomb = first + again * 999  # 1 GB when unpacked
    assert len(bomb) < LIMITS.decoded_bytes
    site.pages["/"] = answer(bomb, "Content-Encoding: gzip")
    tracemalloc.start()
    try:
        assert await site.refusal(site.at("/")) is Refusal.TOO_LARGE
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("wbits", [31, 15, -15])
async def test_compressed_pages_are_read(site: Site, wbits: int) -> None:
    squeeze = zlib.compressobj(wbits=wbits)
    encoding = "gzip" if wbits == 31 else "deflate"
    body = squeeze.compress(CARRIED.encode()) + squeeze.flush()
    site.pages["/"] = answer(body, f"Content-Encoding: {encoding}")
    assert (await site.look("/")).verdict is PageVerdict.EXACT


async def test_a_slow_drip_and_silence_are_stopped(site: Site) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)  # the drip itself

    site.pages["/drip"] = drip
    assert await site.refusal(site.at("/drip"), PageLimits(seconds=0.3)) is Refusal.TOO_SLOW


async def test_an_endless_body_is_stopped(site: Site) -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            writer.write(b"x" * 60_000)
            await writer.drain()

    site.pages["/"] = endless
    assert await site.refusal(site.at("/")) is Refusal.TOO_LARGE


@pytest.mark.parametrize("private", ["10.0.0.5", "127.0.0.2", "::1", "169.254.169.254", "64:ff9b::a00:1"])
async def test_a_private_address_behind_a_name_is_refused(site: Site, private: str) -> None:
    lookup, _ = names(private)
    assert await site.refusal(site.at("/", "school.test"), resolve=lookup) is Refusal.NOT_PUBLIC
    assert await site.refusal("https://school.example.org/", resolve=lookup) is Refusal.NOT_PUBLIC
    assert not site.asked


async def test_the_checked_address_is_the_one_connected_to(site: Site) -> None:
    site.pages["/"] = answer(CARRIED)
    lookup, asked = names("127.0.0.1", "10.0.0.5")
    page = await HttpPageReader(LIMITS, site.allow, lookup).read(site.at("/", "school.test"))
    assert "Northern" in page.text
    assert asked == ["school.test"]
    assert f"host: school.test:{site.port}" in site.asked[0].lower()


async def test_one_private_address_among_public_ones_is_refused() -> None:
    class Never(httpcore.AsyncNetworkBackend):
        async def connect_tcp(
            self, host: str, *args: object, **kwargs: object
        ) -> httpcore.AsyncNetworkStream:
            raise AssertionError(host, args, kwargs)

    async def both(host: str, port: int) -> list[str]:  # noqa: ARG001
        return ["8.8.8.8", "10.0.0.1"]

    with pytest.raises(PageUnreadable) as caught:
        await CheckedNetwork(both, frozenset(), Never()).connect_tcp("example.org", 443)
    assert caught.value.code is Refusal.NOT_PUBLIC


async def test_a_name_without_an_address(site: Site) -> None:
    async def nothing(host: str, port: int) -> list[str]:
        raise OSError(host, port)

    assert await site.refusal("https://school.example.org/", resolve=nothing) is Refusal.NAME


def certificate(folder: Path) -> Path:
    """A certificate for school.test that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "school.test")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(start).not_valid_after(start + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("school.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / "school.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


async def test_tls_proves_the_name_and_not_the_number(tmp_path: Path) -> None:
    path = certificate(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    trusting = ssl.create_default_context(cafile=path)
    lookup, _ = names("127.0.0.1")
    async with serving(server) as site:
        site.pages["/"] = answer(CARRIED)
        allow = site.allow | {f"other.test:{site.port}"}
        page = await HttpPageReader(LIMITS, allow, lookup, trusting).read(f"https://school.test:{site.port}/")
        assert "Northern" in page.text
        for host, tls in (("other.test", trusting), ("school.test", None)):
            with pytest.raises(PageUnreadable) as caught:
                await HttpPageReader(LIMITS, allow, lookup, tls).read(f"https://{host}:{site.port}/")
            assert caught.value.code is Refusal.CERTIFICATE


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("\u201cCaf\u00e9\u201d".encode(), "text/html; charset=utf-8"),
        ("\u201cCaf\u00e9\u201d".encode(), "text/html"),
        ("\u201cCaf\u00e9\u201d".encode("cp1252"), "text/html"),
        ("\u201cCaf\u00e9\u201d".encode("cp1252"), "text/html; charset=iso-8859-1"),
        (b'<meta charset="windows-1252">' + "\u201cCaf\u00e9\u201d".encode("cp1252"), "text/html"),
        ("\ufeff\u201cCaf\u00e9\u201d".encode("utf-16-le"), "text/html"),
        ("\ufeff\u201cCaf\u00e9\u201d".encode(), "text/html; charset=latin-1"),
        ("\u201cCaf\u00e9\u201d".encode(), "text/html; charset=rot13"),
        ("\u201cCaf\u00e9\u201d".encode(), "text/plain"),
    ],
)
async def test_charsets(site: Site, body: bytes, kind: str) -> None:
    site.pages["/"] = answer(body, kind=kind)
    page = await HttpPageReader(LIMITS, site.allow).read(site.at("/"))
    assert page.text == "\u201cCaf\u00e9\u201d"


async def test_a_page_that_links_to_the_notice(site: Site) -> None:
    site.pages["/"] = answer('<p>Our school <a href="/n/1">read this</a> <a href="/news">News</a></p>')
    site.pages["/n/1"] = answer(CARRIED)
    assert (await site.look("/")).verdict is PageVerdict.MISSING
    look = await site.look("/", notice_address=site.at("/n/1"))
    assert (look.verdict, look.notice_found_at) == (PageVerdict.LINKED, site.at("/n/1"))
    assert look.final_address == site.at("/")


async def test_a_notice_address_that_the_page_does_not_link_to_is_no_pass(site: Site) -> None:
    site.pages["/"] = answer("<p>Our school</p>")
    site.pages["/n"] = answer(CARRIED)
    look = await site.look("/", notice_address=site.at("/n"))
    assert look.verdict is PageVerdict.MISSING
    assert len(site.asked) == 1


@pytest.mark.parametrize("bio", ["Disclaimer: {}", "Our school. Notice {}.", "(guidelines {})"])
async def test_an_address_written_in_a_profile_is_a_link(site: Site, bio: str) -> None:
    site.pages["/"] = answer(f"<p>{bio.format(site.at('/n'))}</p>")
    site.pages["/n"] = answer(CARRIED)
    assert (await site.look("/")).verdict is PageVerdict.LINKED


async def test_an_altered_notice_behind_the_link(site: Site) -> None:
    site.pages["/"] = answer('<a href="/n">Disclaimer</a>')
    site.pages["/n"] = answer(CARRIED.replace("will not be allowed", "will be allowed"))
    look = await site.look("/")
    assert (look.verdict, look.notice_found_at) == (PageVerdict.ALTERED, site.at("/n"))
    assert "[-not-]" in look.detail


async def test_links_are_guarded_and_few(site: Site) -> None:
    many = "".join(f'<a href="/notice{n}">notice</a>' for n in range(9))
    site.pages["/"] = answer(f'<a href="http://10.0.0.1/disclaimer">Disclaimer</a>{many}')
    look = await site.look("/")
    assert look.verdict is PageVerdict.UNCLEAR  # behind one that was not read the notice may be
    assert len(site.asked) == 3  # the page, and two links besides the refused one


async def test_the_known_notice_that_cannot_be_read_is_not_the_schools_fault(site: Site) -> None:
    site.pages["/"] = answer('<a href="/n">here</a>')
    look = await site.look("/", notice_address=site.at("/n"))
    assert look.verdict is PageVerdict.UNREACHABLE


@pytest.mark.parametrize(
    "html",
    [
        '<div id="root"></div><script src="/app.js"></script>',
        '<p>Welcome back</p><form><input name="u"><input type="password"></form>',
    ],
)
async def test_a_shell_or_a_login_wall_is_unclear(site: Site, html: str) -> None:
    site.pages["/"] = answer(html)
    assert (await site.look("/")).verdict is PageVerdict.UNCLEAR


OWNER, SCRIPT = "<p>Class 4B, Given4 Sample4, teacher</p>", '<script src="/app.js"></script>'
SIGN_IN = '<form><input name="u"><input type="password"></form>'
LONG = "<p>" + "News of the class. " * 20 + "</p>"


@pytest.mark.parametrize(
    ("html", "verdict", "text", "more"),
    [
        (OWNER + CARRIED, PageVerdict.EXACT, "Class 4B", False),
        (OWNER + '<a href="/n">notice</a>', PageVerdict.LINKED, "Class 4B", False),
        (OWNER, PageVerdict.MISSING, "Class 4B", False),
        (OWNER + '<a href="/away">here</a>', PageVerdict.UNREACHABLE, "Class 4B", False),
        (OWNER + SCRIPT + '<a href="/n">notice</a>', PageVerdict.UNCLEAR, "Class 4B", True),
        (OWNER + LONG + SCRIPT + '<a href="/n">notice</a>', PageVerdict.UNCLEAR, "Class 4B", True),
        (OWNER + SIGN_IN + '<a href="/n">notice</a>', PageVerdict.LINKED, "Class 4B", True),
        (OWNER + SCRIPT, PageVerdict.UNCLEAR, "Class 4B", True),
        (OWNER + SIGN_IN, PageVerdict.UNCLEAR, "Class 4B", True),
    ],
)
async def test_the_accounts_own_page_is_given_for_the_owners_name(
    site: Site, html: str, verdict: PageVerdict, text: str, more: bool
) -> None:
    """Never the page with the notice, and not what could only be read in part as if it were whole (6.3)."""
    site.pages["/"], site.pages["/n"] = answer(html), answer(CARRIED)
    look = await site.look("/", notice_address=site.at("/away"))
    assert look.verdict is verdict
    assert (look.page_text or "").startswith(text)
    assert look.page_shows_more is more


async def test_a_page_that_can_not_be_read_gives_no_text(site: Site) -> None:
    assert (await site.look("/nowhere")).page_text is None


@pytest.mark.parametrize(
    "hidden",
    [
        "<div hidden>{}</div>", '<div style="color:red; display : none">{}</div>', "<!-- {} -->",
        '<div style="visibility:hidden">{}</div>', "<template>{}</template>", "<noscript>{}</noscript>",
        "<script>{}</script>", "<del>{}</del>", '<meta name="description" content="{}">',
        "<dialog>{}</dialog>",
    ],
)  # fmt: skip
async def test_a_notice_nobody_sees_is_no_notice(hidden: str) -> None:
    seen = await read_apart(f"<p>Hello</p>{hidden.format(CARRIED)}<p>Bye</p>")
    assert seen["text"] == "Hello\nBye"


async def test_inline_elements_do_not_break_words() -> None:
    html = "<p>al<b>low</b>ed<br>x &amp; y<span>z</span></p><ul><li>a<li>b</ul>c\x00&#0;"
    text = str((await read_apart(html))["text"])
    assert "\x00" not in text
    assert text.startswith("allowed\nx & yz\na\nb\nc")

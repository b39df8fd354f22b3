"""A web site on the loopback with many pages of realistic size, in a process of its own.

    python -m benchmarks.beside.site PAGES HOSTS

Prints its port once it answers, and ends when its standard input does. The hosts are 127.0.0.1, 127.0.0.2
and so on. A page is `/N`: menus, scripts, styles, articles, and the notice of clause 8 at its foot. One in
twenty has a word of the notice altered, one in twenty has no notice.
"""

import asyncio
import sys
from html import escape
from random import Random

from policy.model import load
from schemas.settings import ROOT
from tests.support.rules import the_notice

SEED = 151
TYPE = "text/html; charset=utf-8"
SMALLEST, LARGEST = 50_000, 200_000
_WORDS = (
    *("school", "families", "students", "teachers", "welcome", "news", "week", "library", "concert", "photo"),
    *("volleyball", "parents", "council", "bus", "kindergarten", "registration", "art", "science", "fair"),
    *("snow", "day", "lunch", "program", "community", "calendar", "grade", "team", "field", "trip"),
)


def address(port: int, hosts: int, page: int) -> str:
    """Where a page is."""
    return f"http://127.0.0.{1 + page % hosts}:{port}/{page}"


def html(page: int, statements: list[str]) -> str:
    """One page: about a fifth of it is text, the rest is what pages are made of."""
    random = Random(f"{SEED}/{page}")
    size = random.randint(SMALLEST, LARGEST)
    kind = page % 20
    if kind == 7:
        statements = [one.replace(" not ", " rarely ", 1) for one in statements]
    menu = "".join(
        f'<li class="menu-item"><a href="/news/{n}">{random.choice(_WORDS)}</a></li>' for n in range(60)
    )
    parts = [
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>School {page}</title>",
        f"<style>{'.card{margin:0;padding:1em;color:#333}' * 200}</style></head>",
        f"<body><nav><ul>{menu}</ul></nav><main>",
    ]
    foot = "" if kind == 13 else "".join(f"<p>{escape(one)}</p>" for one in statements)
    foot = f"</main><footer><h2>About this page</h2>{foot}</footer></body></html>"
    written = sum(map(len, parts)) + len(foot)
    while written < size:
        text = " ".join(random.choice(_WORDS) for _ in range(25)).capitalize()
        icon = f'<span class="icon icon--{written % 9}" aria-hidden="true" data-module="tile"></span>'
        piece = (
            f'<article class="card card--wide" id="a{written}"><h3>{text[:30]}</h3>'
            f'<div class="meta">{icon * 5}<time datetime="2026-10-20">20 October</time></div><p>{text}.</p>'
            f'<script>window.cards=(window.cards||[]).concat([{{"id":{written},"lazy":true,"ratio":1.5}}])</script>'
            f'<img src="/pictures/{written}.jpg" alt="" loading="lazy" width="600" height="400"></article>'
        )
        parts.append(piece)
        written += len(piece)
    return "".join([*parts, foot])


def answers(pages: int) -> dict[bytes, bytes]:
    """The whole answer for each path, made beforehand: the server is to cost as little as it can."""
    statements = [one.text for one in the_notice(load(ROOT / "policy" / "ap151.toml")).statements]
    made = {}
    for page in range(pages):
        body = html(page, statements).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {TYPE}\r\nContent-Length: {len(body)}\r\n\r\n"
        made[f"/{page}".encode()] = head.encode() + body
    return made


async def serve(pages: int, hosts: int) -> None:
    """Answer until standard input ends."""
    made = answers(pages)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                writer.write(made[head.split(b" ", 2)[1]])
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    first = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = first.sockets[0].getsockname()[1]
    others = [await asyncio.start_server(talk, f"127.0.0.{1 + n}", port) for n in range(1, hosts)]
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for server in (first, *others):
        server.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))

"""A public web site on the loopback whose pages the test writes: what a profile's page would be."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

from policy.model import Policy
from tests.support.rules import the_notice


class Site:
    """Pages by path; `host` is its host and port."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.pages: dict[str, str] = {}

    def address(self, path: str) -> str:
        """The address of a page."""
        return f"http://{self.host}/{path}"

    def put(self, path: str, statements: list[str]) -> str:
        """Publish a page with these paragraphs; its address."""
        body = "".join(f"<p>{escape(one)}</p>" for one in statements)
        self.pages[f"/{path}"] = f"<!doctype html><title>{path}</title><h1>About us</h1>{body}"
        return self.address(path)


def notice(policy: Policy) -> list[str]:
    """The notice of clause 8, as it should stand on a page."""
    return [statement.text for statement in the_notice(policy).statements]


@contextmanager
def site() -> Iterator[Site]:
    """A site that is there as long as the block runs."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = made.pages.get(self.path)
            self.send_response(200 if text else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write((text or "not here").encode())

        def log_message(self, *_: object) -> None:
            """Quietly."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Site(f"127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

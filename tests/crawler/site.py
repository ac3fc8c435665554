"""
A small site on loopback that behaves as it is told: a shop with result pages, offers and photos, and every bad habit.

`Site` answers on a free port until it is closed, in threads of its own, and keeps every request with its time.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fcffff3f030005fe02fea7"
    "35818d0000000049454e44ae426082"
)


@dataclass
class Answer:
    """What the site says to one request."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "text/html; charset=utf-8"
    wait_s: float = 0.0
    cut_at: int | None = None  # close the connection after so many bytes of the body


Page = Answer | Callable[[str, int], Answer]
"""An answer, or a function of the path with its query and how often it was asked (from 1)."""


class Site:
    """A site on 127.0.0.1, over TLS where it is given a context."""

    def __init__(self, pages: dict[str, Page] | None = None, context: ssl.SSLContext | None = None) -> None:
        self.pages: dict[str, Page] = {"/robots.txt": Answer(status=404), **(pages or {})}
        self.asked: list[tuple[float, str]] = []
        self.headers: list[dict[str, str]] = []
        self.callers: set[int] = set()  # one port a connection
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.callers.add(self.client_address[1])
                answer = site.answer(self.path, dict(self.headers))
                if answer.wait_s:
                    time.sleep(answer.wait_s)
                head = [f"HTTP/1.1 {answer.status} X"]
                head += [f"{name}: {value}" for name, value in answer.headers.items()]
                head += [f"Content-Type: {answer.kind}", f"Content-Length: {len(answer.body)}"]
                body = answer.body if answer.cut_at is None else answer.body[: answer.cut_at]
                try:
                    self.wfile.write(("\r\n".join(head) + "\r\n\r\n").encode("latin-1") + body)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True
                if answer.cut_at is not None:
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A crawler killed halfway resets its connections."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self.home = f"{'http' if context is None else 'https'}://127.0.0.1:{self.port}/"
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        """What is said to one request."""
        with self._lock:
            self._counts[path] = count = self._counts.get(path, 0) + 1
            self.asked.append((time.monotonic(), path))
            self.headers.append(headers)
        page = self.pages.get(path) or self.pages.get(urlsplit(path).path) or self.pages.get("*")
        if page is None:
            return Answer(status=404, body=b"<html><body><h1>Not found</h1></body></html>")
        return page(path, count) if callable(page) else page

    def paths(self) -> list[str]:
        """What was asked, in order."""
        with self._lock:
            return [path for _, path in self.asked]

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Site:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def dead_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def offer_page(number: int, home: str) -> bytes:
    """One offer."""
    return (
        f"<html lang='en'><head><title>Watch {number}</title></head><body><main><h1>Watch {number}</h1>"
        f"<p class='price'>EUR {number % 90 + 10}.50</p>"
        f"<div class='seller'><a href='/shop/{number % 7}'>shop{number % 7}</a></div>"
        f"<img class='photo' src='{home}photo/{number % 50}.png' width='400' height='400'>"
        f"<p class='text'>A watch with number {number}, steel, boxed, worn for a year by its first owner.</p>"
        f"<span class='item'>{number}</span></main></body></html>"
    ).encode()


def shop(items: int, *, a_page: int = 20) -> dict[str, Page]:
    """A shop: `/list?page=N`, `/search?q=..&page=N`, `/item/N` and `/photo/N.png`."""

    def results(path: str, count: int) -> Answer:
        del count
        page = int(parse_qs(urlsplit(path).query).get("page", ["1"])[0])
        numbers = range((page - 1) * a_page, min(page * a_page, items))
        cards = "".join(
            f"<li class='card'><a class='title' href='/item/{n}'>Watch {n}</a>"
            f"<b class='price'>EUR {n % 90 + 10}.50</b></li>"
            for n in numbers
        )
        return Answer(body=f"<html><body><ul>{cards}</ul></body></html>".encode())

    def offer(path: str, count: int) -> Answer:
        del count
        name = urlsplit(path).path.rsplit("/", 1)[1]
        if not name.isdigit() or int(name) >= items:
            return Answer(status=404, body=b"<html><body><h1>Not found</h1></body></html>")
        return Answer(body=offer_page(int(name), "/"))

    def any_page(path: str, count: int) -> Answer:
        plain = urlsplit(path).path
        if plain.startswith("/item/"):
            return offer(path, count)
        if plain.startswith("/photo/"):
            return Answer(body=PNG + plain.encode(), kind="image/png")
        return Answer(status=404, body=b"<html><body><h1>Not found</h1></body></html>")

    return {
        "/list": results,
        "/search": results,
        "*": any_page,
        "/about": Answer(body=b"<html><body>us</body></html>"),
    }


PLATFORM = """
name = "{name}"
kind = "marketplace"
home = "{home}"
[reach]
by = "crawl"
[manners]
delay_s = {delay_s}
timeout_s = {timeout_s}
attempts = {attempts}
[look]
search = "/search?q={{term}}&page={{page}}"
category = [{category}]
pages = {pages}
max_fetches = {max_fetches}
max_photos = {max_photos}
photos = {photos}
[read]
unasked = "nothing"
[read.results]
card = "li.card"
link = {{ css = "a.title", attr = "href" }}
title = "a.title"
price = {{ css = "b.price", as = "money" }}
platform_item_id = {{ css = "a.title", attr = "href", re = "/item/(\\\\d+)" }}
[read.listing]
platform_item_id = {{ url = "/item/(\\\\d+)" }}
title = {{ css = "h1", hits = 1 }}
price = {{ css = ".price", as = "money" }}
description = "p.text"
seller_id = {{ css = ".seller a", attr = "href", re = "/shop/(\\\\d+)" }}
seller_name = ".seller a"
images = {{ css = "img.photo", attr = "src", as = "url", all = true }}
[expect]
cards = {{ min = {cards_min} }}
fill = {{ title = 0.99, price = 0.95 }}
{canary}
"""


def declare(workspace: Path, site: Site, name: str = "shop", **changes: Any) -> None:
    """Write the platform file of a site that serves `shop`."""
    values: dict[str, Any] = {
        "delay_s": 0.0,
        "timeout_s": 10.0,
        "attempts": 4,
        "category": '"/list?page={page}"',
        "pages": 1000,
        "max_fetches": 100000,
        "max_photos": 1,
        "photos": "true",
        "cards_min": 1,
        "canary": "",
    }
    values.update(changes)
    folder = workspace / "platforms"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.toml").write_text(PLATFORM.format(name=name, home=site.home, **values), encoding="utf-8")

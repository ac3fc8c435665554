"""A loopback shop with pages of a given size: `python -m tests.benchmarks.peers.padded_shop ITEMS BYTES`."""

from __future__ import annotations

import sys

from tests.crawler.site import Answer, Page, Site, shop


def padded(items: int, size_bytes: int) -> dict[str, Page]:
    """The shop's pages, each made once and padded with words to about `size_bytes`."""
    words = b"Steel case, sapphire glass, water resistant. "
    filler = b"<p class='more'>" + words * (size_bytes // len(words)) + b"</p></body>"
    pages = shop(items)
    made: dict[str, Answer] = {}

    def answer(path: str, count: int) -> Answer:
        if path not in made:
            page = pages.get(path.split("?")[0]) or pages["*"]
            plain = page(path, count) if callable(page) else page
            is_page = plain.kind.startswith("text/html")
            body = plain.body.replace(b"</body>", filler) if is_page else plain.body
            made[path] = Answer(status=plain.status, body=body, kind=plain.kind)
        return made[path]

    return {"/list": answer, "*": answer}


if __name__ == "__main__":
    with Site(padded(int(sys.argv[1]), int(sys.argv[2]))) as site:
        print(site.home, flush=True)  # noqa: T201 -- tells its parent where it is
        sys.stdin.read()

"""
Plain Scrapy on the shop: `python -m tests.benchmarks.peers.plain_scrapy HOME PAGES [JOBDIR]` prints how many offers
it read.

With a folder it keeps its queue there and goes on with it, and notes the id of every offer in `offers.txt` beside.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response


class Plain(scrapy.Spider):
    """Follows result pages to offers and yields the same items; keeps nothing."""

    name = "plain"
    custom_settings = {
        "LOG_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "ROBOTSTXT_OBEY": False,
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "DOWNLOAD_DELAY": 0,
    }
    found = 0

    def __init__(self, home: str, pages: int, offers: str = "") -> None:
        super().__init__()
        # Written at once, without a buffer: a kill loses nothing that was yielded, which is kinder than a feed.
        self.offers = os.open(offers, os.O_WRONLY | os.O_CREAT | os.O_APPEND) if offers else None
        self.start_urls = [f"{home}list?page={number}" for number in range(1, pages + 1)]

    def parse(self, response: Response) -> Iterator[Any]:  # Any: Scrapy's requests and items
        """A result page: every card, every link."""
        for card in response.css("li.card"):
            yield {"title": card.css("a.title::text").get(), "price": card.css("b.price::text").get()}
            yield scrapy.Request(response.urljoin(card.css("a.title::attr(href)").get() or ""), self.offer)

    def offer(self, response: Response) -> Iterator[Any]:  # Any: Scrapy's items
        """An offer's own page."""
        Plain.found += 1
        if self.offers is not None:
            os.write(self.offers, response.url.rsplit("/", 1)[1].encode() + b"\n")
        yield {
            "id": response.url.rsplit("/", 1)[1],
            "title": response.css("h1::text").get(),
            "price": response.css(".price::text").get(),
            "description": response.css("p.text::text").get(),
            "seller": response.css(".seller a::attr(href)").re_first(r"/shop/(\d+)"),
            "seller_name": response.css(".seller a::text").get(),
            "images": response.css("img.photo::attr(src)").getall(),
        }


if __name__ == "__main__":
    folder = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    process = CrawlerProcess({"JOBDIR": str(folder / "jobdir")} if folder is not None else {})
    beside = str(folder / "offers.txt") if folder is not None else ""
    process.crawl(Plain, home=sys.argv[1], pages=int(sys.argv[2]), offers=beside)
    process.start()
    print(Plain.found)  # noqa: T201 -- tells its parent

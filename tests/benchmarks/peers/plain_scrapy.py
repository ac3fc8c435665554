"""Plain Scrapy on the shop: `python -m tests.benchmarks.peers.plain_scrapy HOME PAGES` prints the offers it read."""

from __future__ import annotations

import sys
from collections.abc import Iterator
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

    def __init__(self, home: str, pages: int) -> None:
        super().__init__()
        self.start_urls = [f"{home}list?page={number}" for number in range(1, pages + 1)]

    def parse(self, response: Response) -> Iterator[Any]:  # Any: Scrapy's requests and items
        """A result page: every card, every link."""
        for card in response.css("li.card"):
            yield {"title": card.css("a.title::text").get(), "price": card.css("b.price::text").get()}
            yield scrapy.Request(response.urljoin(card.css("a.title::attr(href)").get() or ""), self.offer)

    def offer(self, response: Response) -> Iterator[Any]:  # Any: Scrapy's items
        """An offer's own page."""
        Plain.found += 1
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
    process = CrawlerProcess()
    process.crawl(Plain, home=sys.argv[1], pages=int(sys.argv[2]))
    process.start()
    print(Plain.found)  # noqa: T201 -- tells its parent

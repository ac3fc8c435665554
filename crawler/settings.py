"""
Scrapy's settings for every crawl. `scrapy.cfg` points here, so `scrapy list`, `crawl`, `shell` and `check` work too.

What is off, is off because it returns requests behind the scheduler's back, lets a page choose where requests go,
or opens a door into the process.
"""

from __future__ import annotations

from config.settings import load_settings

BOT_NAME = "marque"
USER_AGENT = load_settings().user_agent
SPIDER_LOADER_CLASS = "crawler.loader.PlatformLoader"
SCHEDULER = "crawler.frontier.Frontier"

# Doors into the process: RemoteControl runs code that it is sent, by default, on a local port.
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False

# The frontier does these: one hop, one fetch, one capture, one transaction.
REDIRECT_ENABLED = False
METAREFRESH_ENABLED = False
RETRY_ENABLED = False
ROBOTSTXT_OBEY = False  # robots.txt is obeyed by the frontier, to the letter of RFC 9309, which Scrapy does not reach
AUTOTHROTTLE_ENABLED = False
HTTPCACHE_ENABLED = False
COOKIES_ENABLED = False
HTTPPROXY_ENABLED = False  # it reads the environment
DOWNLOAD_DELAY = 0  # a lease is given when its host is due
CONCURRENT_ITEMS = (
    1  # Scrapy starts so many tasks for every answer (100 by default, a third of its CPU); one item comes
)
CONCURRENT_REQUESTS = 64  # above the frontier's own limit of leases
CONCURRENT_REQUESTS_PER_DOMAIN = 16

DOWNLOAD_MAXSIZE = 8 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 30  # a total deadline, so a trickle ends too (measured)
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_FAIL_ON_DATALOSS = True  # half a page is no page
HTTPERROR_ALLOW_ALL = True  # every answer reaches the one callback
REFERRER_POLICY = "no-referrer"
DOWNLOAD_HANDLERS = {
    **dict.fromkeys(("http", "https"), "crawler.tls.Handler"),
    **dict.fromkeys(("file", "data", "ftp", "s3")),
}
TWISTED_DNS_RESOLVER = "crawler.egress.GuardedResolver"

DOWNLOADER_MIDDLEWARES = {
    "crawler.egress.EgressMiddleware": 50,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,
    "crawler.browser.BrowserMiddleware": 580,  # opens pages that were kept
    "crawler.capture.CaptureMiddleware": 585,  # sees bodies after decompression (590)
    "crawler.capture.WireMiddleware": 595,  # sees them before
}
# Everything that would change or drop what the one callback gives.
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
}
EXTENSIONS = {
    "scrapy.extensions.spiderstate.SpiderState": None,
    "scrapy.extensions.closespider.CloseSpider": None,
    "scrapy.extensions.throttle.AutoThrottle": None,
    "scrapy.extensions.memdebug.MemoryDebugger": None,
    "scrapy.extensions.remote_control.RemoteControl": None,
    "scrapy.extensions.telnet.TelnetConsole": None,
}
WARN_ON_GENERATOR_RETURN_VALUE = False
LOG_LEVEL = "INFO"
LOG_VERSIONS: list[str] = []

# Which workspace and run; a crawl's own process is told (`crawler.run`), `scrapy crawl` takes the environment's.
MARQUE_HOME = ""
MARQUE_DATABASE_URL = ""
MARQUE_RUN = ""

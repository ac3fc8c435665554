"""
What can go wrong while looking.

CrawlError
├── Refused             a request that may not leave: its code says why (egress, not_saved, encoding, too_large)
├── NoConnection        an address that nobody answered at: not a byte of what was to be sent has left
├── NoAnswer            something was sent, and no whole answer came
├── EvidenceNotKept     bytes or a ledger row could not be written; the run stops, nothing is lost
├── UnknownRun          no run of that id, or none that can be replayed
├── BadReplay           the folder to replay has no index, or one without the columns needed
├── BadTip              neither an address nor a file that can be opened
├── BadArchive          a browser's recording that is cut, changed or none
├── BadExport           a file that is no export of listings
├── BadCase             a saved page of a platform that can't be held against anything
├── BadHours            working hours that cannot be read
├── BadSchedule         a rhythm nobody can follow
├── BadAuthority        a permission to go past robots.txt that says too little, or an act on it that may not be
├── BadDomain           neither a domain nor an address to look up
├── BadTable            a table of registries or networks that cannot be read
├── BadOptOut           neither a host nor an address to leave alone, or none that was entered
├── NoContact           a site that is not on loopback, and no contact to name in the User-Agent
├── NoBrowser           pages that scripts draw, and no Chromium to open them in
├── BrowserFault        a page that the browser did not bring: tried again
│   ├── BrowserCrashed  the browser, or the page in it, ended
│   └── PageHung        the page did not come to an end in its time
├── NoKey               an interface whose key the environment does not hold
├── BrokenAnswer        an interface's answer that is no JSON, or holds no list where one is declared
├── NotLookable         a platform that is not reached by crawling, or says nowhere to look
└── ChildFailed         a crawl's own process ended without saying how
"""

from __future__ import annotations

from pathlib import Path


class CrawlError(Exception):
    """Anything the crawler refuses or cannot do."""


class Refused(CrawlError):
    """A request that was stopped before or after the network; `code` becomes the fetch's reason."""

    def __init__(self, code: str, url: str, why: str) -> None:
        super().__init__(f"{url[:200]}: {why}")
        self.code = code
        self.url = url
        self.why = why


class NoConnection(CrawlError):
    """No connection came about: not a byte of the request left."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"{url[:200]}: {why}")
        self.url = url
        self.why = why


class NoAnswer(CrawlError):
    """A request left, wholly or in part, and no whole answer came."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"{url[:200]}: {why}")
        self.url = url
        self.why = why


class EvidenceNotKept(CrawlError):
    """What was fetched could not be kept; the run stops so that nothing is read that was not kept."""

    def __init__(self, run: str, cause: BaseException) -> None:
        super().__init__(
            f"run {run} stopped: {cause}; every page committed so far is kept, the others count as not seen; "
            "run the same command again to go on"
        )
        self.run = run
        self.cause = cause


class UnknownRun(CrawlError):
    """No such run."""

    def __init__(self, run: str, why: str) -> None:
        super().__init__(f"run {run}: {why}; `marque status` lists the latest runs")
        self.run = run


class BadReplay(CrawlError):
    """A folder that cannot be replayed."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}; a replay folder holds saved pages and index.csv with the columns file,url")
        self.path = path


class BadTip(CrawlError):
    """A tip that leads nowhere."""

    def __init__(self, tip: str, why: str) -> None:
        super().__init__(f"{tip[:300]}: {why}; give an http or https address, or the path of a saved page")
        self.tip = tip


class BadArchive(CrawlError):
    """A recording that cannot be taken whole."""

    def __init__(self, path: Path, place: str, why: str) -> None:
        super().__init__(f"{path}, {place}: {why}; nothing of it was taken; record or copy it again")
        self.path = path
        self.place = place
        self.why = why


class BadCase(CrawlError):
    """A saved case of a platform that cannot be held against what is read."""

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(f"{folder}: {why}; a case holds page.html, source.json and expected.json")
        self.folder = folder


class BadExport(CrawlError):
    """A file that is no export of listings."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}; `marque listings import --help` names the columns")
        self.path = path


class BadHours(CrawlError):
    """Working hours nobody can read."""

    def __init__(self, value: str, why: str) -> None:
        super().__init__(f"hours {value!r}: {why}; write them like '08:00-18:00 Europe/Stockholm'")
        self.value = value


class BadAuthority(CrawlError):
    """A permission that does not hold."""

    def __init__(self, case_number: str, why: str) -> None:
        super().__init__(f"authority {case_number or '(no case number)'}: {why}")
        self.case_number = case_number
        self.why = why


class BadSchedule(CrawlError):
    """A schedule that says no time."""

    def __init__(self, platform: str, why: str) -> None:
        super().__init__(f"schedule of {platform}: {why}")
        self.platform = platform
        self.why = why


class BadOptOut(CrawlError):
    """An opt-out that names nothing."""

    def __init__(self, prefix: str, why: str) -> None:
        super().__init__(f"opt-out {prefix[:300]!r}: {why}")
        self.prefix = prefix


class BadDomain(CrawlError):
    """Nothing that could be looked up."""

    def __init__(self, domain: str, why: str) -> None:
        super().__init__(f"{domain[:300]!r}: {why}; give a domain like shop.example, or an address")
        self.domain = domain


class BadTable(CrawlError):
    """A table that a workspace supplies and nobody can read."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}; `crawler/README.md` says how it is written")
        self.path = path


class NoContact(CrawlError):
    """Sites of others are asked only by somebody they can write to."""

    def __init__(self, platform: str) -> None:
        super().__init__(
            f"{platform} is not on this machine, and no contact is set: "
            "set MARQUE_CONTACT to the mail address or page that the site's owner can turn to"
        )
        self.platform = platform


class NoBrowser(CrawlError):
    """Nothing to open a page in."""

    def __init__(self) -> None:
        super().__init__(
            "the platform's pages are opened in a browser, and there is no Chromium: "
            "install chromium-headless-shell, or set MARQUE_BROWSER to one"
        )


class BrowserFault(CrawlError):
    """A page that came and was not opened; the host did nothing wrong."""


class BrowserCrashed(BrowserFault):
    """The browser ended, or the page in it."""


class PageHung(BrowserFault):
    """A page that does not end."""

    def __init__(self, url: str, after_s: float) -> None:
        super().__init__(f"{url[:200]}: not done after {after_s:.0f} s")
        self.url = url
        self.after_s = after_s


class NoKey(CrawlError):
    """An interface that cannot be asked."""

    def __init__(self, platform: str, variable: str) -> None:
        super().__init__(
            f"{platform}: its interface needs a key, and {variable} holds none (eight printable ASCII characters or "
            "more); set it for this process, and write it into no file of the workspace"
        )
        self.platform = platform
        self.variable = variable


class BrokenAnswer(CrawlError):
    """An answer that cannot be taken for what it was asked for."""

    def __init__(self, url: str, why: str, *, is_torn: bool) -> None:
        super().__init__(f"{url[:200]}: {why}")
        self.is_torn = is_torn  # it may have been cut on the way; else it is whole and something else


class NotLookable(CrawlError):
    """Nothing to crawl."""

    def __init__(self, platform: str, why: str) -> None:
        super().__init__(f"{platform}: {why}; `marque platforms check {platform}` shows its declaration")
        self.platform = platform


class ChildFailed(CrawlError):
    """A crawl's process ended without writing how."""

    def __init__(self, platform: str, run: str, code: int, tail: str) -> None:
        super().__init__(
            f"the crawl of {platform} (run {run}) ended with code {code} before it could say how; "
            f"run the same command again to go on. Its last words: {tail or 'none'}"
        )
        self.platform = platform
        self.run = run
        self.code = code

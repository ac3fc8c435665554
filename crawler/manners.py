"""
How often a host is asked, what its robots.txt allows, and when it is left alone.

Robots follow RFC 9309: a 4xx means that everything is allowed; a 5xx, 429, time-out or network error means that
nothing is. Pure functions over `Host`; the ledger applies them inside its transactions.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.platform import Platform
from crawler.errors import BadHours
from crawler.robots import read_robots
from store.records.fetches import Fetch, FetchKind, Host, RobotsVerdict

AGENT = "Marque"  # the product token that robots.txt groups are matched with
ROBOTS_BYTES = 512 * 1024  # RFC 9309, section 2.5: at least 500 KiB are read
ROBOTS_STANDS = timedelta(days=30)  # RFC 9309, section 2.3.1.4: "for example, 30 days"
ROBOTS_HOPS = 5  # RFC 9309, section 2.3.1.2: at least five redirects are followed
LATENCY_FACTOR = 5.0  # Heritrix: wait five times as long as the host took
LATENCY_DELAY_MAX_S = 30.0  # Heritrix: but not longer for that reason
STRANGERS_DELAY_S = 1.0  # the least delay for a host that is not on loopback, whatever a file says
RETRY_AFTER_MAX_S = 86_400.0  # chosen: a day; a host that wants more is asked again tomorrow
BREAKER_AFTER = 5  # failures in a row before a host is left alone
BREAKER_S = 60.0  # chosen: the first pause; each further failure doubles it
BREAKER_MAX_S = 3_600.0
DEAD_AFTER = 8  # failures in a row after which a run stops waiting for the host
BACK_OFF_MAX_S = 300.0

_HOURS = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2}) (\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsAnswer:
    """What a host said when asked for robots.txt. `status` None: nothing that counts as an answer."""

    of_host: str
    status: int | None
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a host answered one request."""

    host: str
    started_at: datetime
    latency_s: float | None  # to the first byte; None where no byte came
    failed: bool  # time-out, network error, 5xx, 429: what counts towards the breaker
    stop_s: float | None = None  # Retry-After
    answered_at: datetime | None = None  # None where no answer came


def is_loopback_host(host: str) -> bool:
    """Whether `scheme://host:port` is this machine, spelled as the exercise world spells it."""
    name = urlsplit(host).hostname or ""
    return name in ("localhost", "::1") or re.fullmatch(r"127\.\d{1,3}\.\d{1,3}\.\d{1,3}", name) is not None


def pace(host: Host, latency_s: float | None, platform_delay_s: float) -> float:
    """
    Seconds between two requests to a host: the platform's minimum, its Crawl-delay, five times its last latency.

    On loopback nobody is disturbed, so latency does not count there.
    """
    asked = max(platform_delay_s, host.crawl_delay_s or 0.0)
    if is_loopback_host(host.host):
        return asked
    slow = min(LATENCY_FACTOR * (latency_s or 0.0), LATENCY_DELAY_MAX_S)
    return max(asked, slow, STRANGERS_DELAY_S)


def after(host: Host, answer: Answer, platform_delay_s: float, now: datetime) -> Host:
    """What is known of a host after it answered, or did not."""
    failures = host.failures + 1 if answer.failed else 0
    breaker_until = host.breaker_until if answer.failed else None
    if failures >= BREAKER_AFTER:
        pause = min(BREAKER_S * 2.0 ** (failures - BREAKER_AFTER), BREAKER_MAX_S)
        if failures >= DEAD_AFTER:
            pause = BREAKER_MAX_S
        breaker_until = _later(breaker_until, now + timedelta(seconds=pause))
    if answer.stop_s is not None:
        breaker_until = _later(breaker_until, now + timedelta(seconds=answer.stop_s))
    delay = pace(host, answer.latency_s, platform_delay_s)
    # From the answer on: a busy process sends a request up to a tenth of a second after it says so, and two requests
    # that left at the right distance would reach the host too close together (measured with two processes).
    last = answer.answered_at or max(answer.started_at, now)
    next_at = last + timedelta(seconds=delay) if delay > 0 else None
    return dataclasses.replace(host, failures=failures, breaker_until=breaker_until, delay_s=delay, next_at=next_at)


def heard_robots(host: Host, robots: RobotsAnswer, platform_delay_s: float, now: datetime) -> Host:
    """What is known of a host once its robots.txt is settled."""
    if robots.status is None and stands(host, now):
        return dataclasses.replace(host, robots_at=now)
    heard = dataclasses.replace(
        host,
        robots_status=robots.status,
        robots_text=robots.text,
        robots_at=now,
        robots_had_at=now if robots.status is not None else None,
        crawl_delay_s=read_robots(robots.text, AGENT).crawl_delay_s if robots.text else None,
    )
    return dataclasses.replace(heard, delay_s=pace(heard, None, platform_delay_s))


def stands(host: Host, now: datetime) -> bool:
    """Whether the robots.txt had earlier still counts while the host gives none (RFC 9309, 2.3.1.4 and 2.4)."""
    had = host.robots_had_at
    return host.robots_status is not None and had is not None and now - had < ROBOTS_STANDS


def robots_text(body: bytes) -> str:
    """robots.txt as text: UTF-8, without a byte order mark, cut at 512 KiB at the end of a line."""
    if len(body) > ROBOTS_BYTES:
        body = body[:ROBOTS_BYTES].rsplit(b"\n", 1)[0]
    return body.decode("utf-8", "replace").lstrip("\ufeff").replace("\0", "")


def verdict(host: Host, url: str) -> RobotsVerdict:
    """What the host's robots.txt says of a URL. The host's robots must have been asked before."""
    status = host.robots_status
    if status is None:
        return RobotsVerdict.UNREACHABLE
    if 400 <= status < 500:
        return RobotsVerdict.ABSENT
    if not host.robots_text or urlsplit(url).path == "/robots.txt":
        return RobotsVerdict.ALLOWED
    allowed = read_robots(host.robots_text, AGENT).allows(url)
    return RobotsVerdict.ALLOWED if allowed else RobotsVerdict.DISALLOWED


def refusal(
    fetch: Fetch, host: Host, opted_out: Sequence[str], now: datetime, *, is_permitted: bool = False
) -> str | None:
    """
    Why a fetch may not be made, as the word that goes into its reason; None when it may.

    `is_permitted`: a written permission covers it, so robots.txt does not stop it; everything else still does.
    """
    if is_opted_out(fetch.url, opted_out):
        return "opt_out"
    if fetch.kind is FetchKind.ROBOTS:
        return None
    match verdict(host, fetch.url):
        case RobotsVerdict.DISALLOWED if not is_permitted:
            return "robots"
        case RobotsVerdict.UNREACHABLE if not is_permitted:
            return "robots_unreachable"
        case _:
            pass
    if host.failures >= DEAD_AFTER and host.breaker_until is not None and host.breaker_until > now:
        return "host_dead"
    return None


def is_opted_out(url: str, prefixes: Iterable[str]) -> bool:
    """
    Whether a URL falls under an opt-out.

    A bare host covers itself and the hosts below it; a URL prefix covers both schemes.
    """
    parts = urlsplit(url)
    name = (parts.hostname or "").lower()
    address = f"{parts.netloc.lower()}{parts.path or '/'}"
    for prefix in prefixes:
        if "://" in prefix:
            there = urlsplit(prefix)
            if address.startswith(f"{there.netloc.lower()}{there.path or '/'}"):
                return True
        elif name == prefix.lower() or name.endswith("." + prefix.lower()):
            return True
    return False


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, as a number or a date; None without one or an unreadable one."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), RETRY_AFTER_MAX_S)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max((until - now).total_seconds(), 0.0), RETRY_AFTER_MAX_S)


def back_off_s(attempts: int, delay_s: float) -> float:
    """Seconds before the next try after `attempts` failures: doubles from five times the delay."""
    first = max(LATENCY_FACTOR * delay_s, 0.1)
    return min(first * 2.0 ** max(attempts - 1, 0), BACK_OFF_MAX_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When a platform may be asked, every day, by the clocks of one place."""

    opens: time
    closes: time  # 00:00 stands for midnight at the day's end
    zone: ZoneInfo

    @classmethod
    def read(cls, text: str) -> Hours:
        """From `HH:MM-HH:MM Zone`. Raises `BadHours`."""
        found = _HOURS.fullmatch(text.strip())
        if found is None:
            raise BadHours(text, "not of that form")
        opens_h, opens_m, closes_h, closes_m = (int(part) for part in found.groups()[:4])
        if closes_h == 24 and closes_m == 0:
            closes_h = 0
        try:
            return cls(opens=time(opens_h, opens_m), closes=time(closes_h, closes_m), zone=ZoneInfo(found.group(5)))
        except (ValueError, ZoneInfoNotFoundError) as error:
            raise BadHours(text, str(error)) from error

    def opens_at(self, now: datetime) -> datetime:
        """`now` when it is within the hours, else the next opening."""
        there = now.astimezone(self.zone)
        clock = there.time()
        if self.opens == self.closes:
            return now
        if self.opens < self.closes or self.closes == time(0):
            inside = clock >= self.opens and (self.closes == time(0) or clock < self.closes)
        else:
            inside = clock >= self.opens or clock < self.closes
        if inside:
            return now
        day = there.date() if clock < self.opens else there.date() + timedelta(days=1)
        return datetime.combine(day, self.opens, self.zone).astimezone(UTC)


def hours_of(platform: Platform) -> Hours:
    """The platform's working hours. Raises `BadHours`."""
    return Hours.read(platform.manners.hours)


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)

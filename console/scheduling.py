"""Schedules as people write them on the command line, and the timer that an operating system keeps for them."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crawler.errors import BadSchedule
from store.records.schedules import Event, Season


def read_season(platform: str, text: str) -> Season:
    """A season from `NAME=MM-DD..MM-DD=CRON`. Raises `BadSchedule`."""
    name, days, cron = _parts(platform, text, "christmas=11-15..12-26=0 */6 * * *")
    return Season(name=name, first=days[0], last=days[1], cron=cron)


def read_event(platform: str, text: str, zone: str) -> Event:
    """An event from `NAME=FROM..UNTIL=MINUTES`, by the clock of `zone`. Raises `BadSchedule`."""
    form = "final=2026-12-01T18:00..2026-12-01T22:00=5"
    name, times, minutes = _parts(platform, text, form)
    try:
        begins_at, ends_at = (
            datetime.fromisoformat(time).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for time in times
        )
        return Event(name=name, begins_at=begins_at, ends_at=ends_at, every_min=int(minutes))
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise BadSchedule(platform, f"event {text!r}: {error}; write it like {form!r}") from error


def timer_units(home: Path) -> dict[str, str]:
    """A systemd service and timer that answer this workspace's schedules each minute, also after downtime."""
    marque = Path(sys.executable).parent / "marque"
    service = (
        "[Unit]\nDescription=Marque: answer the schedules that are due\n\n[Service]\nType=oneshot\n"
        f'ExecStart="{marque}" --home "{home}" worker --once\nKillSignal=SIGTERM\nTimeoutStopSec=60\n'
    )
    timer = (
        "[Unit]\nDescription=Marque: look each minute what is due\n\n[Timer]\nOnCalendar=minutely\n"
        "Persistent=true\n\n[Install]\nWantedBy=timers.target\n"
    )
    return {"marque-worker.service": service, "marque-worker.timer": timer}


def _parts(platform: str, text: str, form: str) -> tuple[str, tuple[str, str], str]:
    parts = [part.strip() for part in text.split("=", 2)]
    span = parts[1].split("..") if len(parts) == 3 else []
    if len(span) != 2 or not all(parts):
        raise BadSchedule(platform, f"{text!r} cannot be read; write it like {form!r}")
    return parts[0], (span[0].strip(), span[1].strip()), parts[2]

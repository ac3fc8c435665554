"""`marque digest`: what a day brought each holder."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from console.commands.options import AsJson


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("digest")(digest)


def digest(
    context: typer.Context,
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of UTC; yesterday if left")] = None,
    holder: Annotated[str | None, typer.Option("--holder", help="Legal name; every holder if left")] = None,
    write: Annotated[bool, typer.Option("--write", help="Write mails into out/digests/DAY/, once")] = False,
    json: AsJson = False,
) -> None:
    """New, changed, offered again elsewhere, dismissed with its reason: of one day, holder by holder."""
    from datetime import timedelta

    from console.digesting import digests, write_mails
    from console.output import emit, line, table
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.ids import utc_now

    asked = day.date() if day is not None else (utc_now() - timedelta(days=1)).date()
    with open_workspace(context.obj) as workspace:
        found = digests(workspace, asked, holder)
        folder = write_mails(workspace, asked) if write else None
    data = {
        "day": asked.isoformat(),
        "holders": [{"holder": party.legal_name, "lines": codec.to_json(each.lines)} for party, each in found],
        "written": str(folder) if folder else None,
    }

    def say() -> None:
        rows = [
            (party.legal_name, each.change.value, each.title, each.platform, each.because)
            for party, of_day in found
            for each in of_day.lines
        ]
        table(("holder", "change", "listing", "platform", "because"), rows, title=f"{asked}: {len(rows)} lines")
        if write:
            line(f"written to {folder}" if folder else "this day's mails are there already")

    emit(data, json, say)

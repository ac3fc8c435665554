"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print data as JSON on stdout")]
By = Annotated[str, typer.Option("--by", help="Name of the person who does this")]

"""
The command line: `marque`.

Every verb takes `--json` and ends 0 done, 1 failed check or work incomplete, 2 usage. Commands import what they
need when they run, so that `marque --help` stays quick.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from console.commands import (
    api_keys,
    audit,
    backups,
    budget,
    cases,
    crawl,
    deadlines,
    deliveries,
    digest,
    evidence,
    exercise,
    findings,
    instruments,
    keeping,
    law,
    notices,
    objections,
    permissions,
    platforms,
    policy,
    profiles,
    purchases,
    registry,
    removals,
    reports,
    retention,
    schedules,
    serve,
    sites,
    tips,
    uploads,
    webhooks,
    workspace,
)

# The packages whose errors carry a message for people; anything else is a fault of the program.
OURS = ("config", "registry", "crawler", "store", "matching", "cases", "reports", "console", "exercise")

app = typer.Typer(
    name="marque",
    help="Watch marketplaces and streaming sites, keep evidence, and draft takedown requests.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
)


@app.callback()
def common(
    context: typer.Context,
    home: Annotated[
        str | None, typer.Option("--home", help="Workspace folder (default: MARQUE_HOME, else ./.marque)")
    ] = None,
) -> None:
    """Options that stand before the verb."""
    from config.settings import load_settings

    context.obj = load_settings(home)


workspace.register(app)
registry.register(app)
platforms.register(app)
profiles.register(app)
crawl.register(app)
sites.register(app)
permissions.register(app)
schedules.register(app)
findings.register(app)
policy.register(app)
law.register(app)
instruments.register(app)
cases.register(app)
notices.register(app)
deliveries.register(app)
digest.register(app)
deadlines.register(app)
budget.register(app)
objections.register(app)
removals.register(app)
reports.register(app)
evidence.register(app)
keeping.register(app)
retention.register(app)
purchases.register(app)
audit.register(app)
backups.register(app)
serve.register(app)
api_keys.register(app)
webhooks.register(app)
tips.register(app)
uploads.register(app)
exercise.register(app)


def main() -> None:
    """Run the command line; errors of ours become one message and exit 1, others keep their trace."""
    # Before numpy loads: on two busy cores its own threads cost many times what they save (measured).
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        app()
    except Exception as error:
        if type(error).__module__.split(".")[0] not in OURS:
            raise
        sys.stderr.write(f"marque: {error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()

"""The commands of ``lienthong``."""

from __future__ import annotations

import typer

from jobs.cli import (
    backup,
    db,
    demo,
    explain,
    findings,
    ledger,
    purge,
    rebuild,
    release,
    retract,
    sandbox,
    sources,
    stack,
    sync,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Keeps Viet Nam's national databases in agreement with the provinces, and proves it.",
    epilog="State, ports and secrets are in LIENTHONG_HOME (.lienthong in the checkout by default). "
    "Exit codes: 0 done, 2 usage, 3 refused, 4 unreachable, 5 integrity.",
)
for module in (stack, demo, sync, explain, retract, purge, rebuild, backup):
    module.register(app)
for group in (sources, findings, ledger, release, sandbox, db):
    app.add_typer(group.app, name=group.__name__.rpartition(".")[2])

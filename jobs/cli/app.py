"""The commands of ``lienthong``."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from jobs.cli import (
    backup,
    db,
    demo,
    explain,
    findings,
    ledger,
    portal,
    purge,
    rebuild,
    reconcile,
    release,
    retract,
    sandbox,
    sources,
    stack,
    sync,
)

GROUPS = {
    module.__name__.rpartition(".")[2]: module
    for module in (sources, findings, ledger, release, portal, sandbox, db)
}
"""Commands that have commands of their own."""
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Keeps Viet Nam's national databases in agreement with the provinces, and proves it.",
    epilog="State, ports and secrets are in LIENTHONG_HOME (.lienthong in the checkout by default). "
    "Exit codes: 0 done, 2 usage, 3 refused, 4 unreachable, 5 integrity.",
)
for module in (stack, demo, sync, explain, retract, purge, rebuild, reconcile, backup):
    module.register(app)
for name, group in GROUPS.items():
    app.add_typer(group.app, name=name)


def command_of(words: Sequence[str]) -> str:
    """The command that was typed, without what it was told: that may be a person's number.

    >>> command_of(["explain", "001090000001"]), command_of(["findings", "show", "x"])
    ('explain', 'findings show')
    """
    return " ".join(words[: 2 if words and words[0] in GROUPS else 1])

"""What tasks import, imported once in the scheduler: its workers are forked and find it there.

Nothing is opened here: a connection or channel made before a fork does not survive it.
"""

from __future__ import annotations

from importlib import import_module

from dags.support.code import fingerprint

CODE = fingerprint()
"""Of the files as they are when the scheduler begins."""
MODULES = (
    *("jobs.extract", "jobs.sources.rest", "jobs.conform.run", "jobs.merge.run", "jobs.release"),
    "jobs.portal.send",
)

for name in MODULES:
    import_module(name)

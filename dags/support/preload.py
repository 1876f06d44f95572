"""What tasks import, imported once in the scheduler: its workers are forked and find it there.

Nothing is opened here: a connection or channel made before a fork does not survive it.
"""

from __future__ import annotations

from importlib import import_module

MODULES = ("jobs.extract", "jobs.sources.rest", "jobs.conform.run", "jobs.merge.run", "jobs.release")

for name in MODULES:
    import_module(name)

"""What tasks import, imported once in the scheduler: its workers are forked and find it there.

Nothing is opened here: a connection or channel made before a fork does not survive it.
"""

from __future__ import annotations

import jobs.conform.run
import jobs.extract
import jobs.merge.run
import jobs.sources.rest

__all__ = ["jobs"]

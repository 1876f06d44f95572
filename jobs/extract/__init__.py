"""Extract: a source's bytes, landed as received and sealed."""

from __future__ import annotations

from jobs.extract.choice import due
from jobs.extract.landed import landed
from jobs.extract.pull import pull

__all__ = ["due", "landed", "pull"]

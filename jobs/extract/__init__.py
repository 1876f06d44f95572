"""Extract: a source's bytes, landed as received and sealed."""

from __future__ import annotations

from jobs.extract.pull import pull

__all__ = ["pull"]

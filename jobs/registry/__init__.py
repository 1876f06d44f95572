"""The registers' databases: migrations, loads, evidence, digests."""

from __future__ import annotations

from jobs.registry.load import load

__all__ = ["load"]

"""How other one-stop systems write the dossiers that our own feed's sandbox makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from infra.sandbox.systems import epar, hoso2025, lgsp, opencps, td

Item = Mapping[str, Any]
SYSTEMS: Mapping[str, Callable[[Item], dict[str, Any]]] = {
    "opencps": opencps.written,
    "lgsp_en": lgsp.written,
    "epar": epar.written,
    "td": td.written,
    "hoso2025": hoso2025.written,
}
"""By the dialect that reads them; a system that is not here sends what our own feed does."""
TABLES: Mapping[str, str] = {"08": "postgresql", "20": "postgresql", "33": "mysql", "37": "mysql"}
"""Provinces whose system, ``epar``, is asked in its own database, and the server that keeps it."""

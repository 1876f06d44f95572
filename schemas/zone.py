"""The zone in which a day of Viet Nam begins and ends, once for Python, Spark and PostgreSQL."""

from __future__ import annotations

from zoneinfo import ZoneInfo

ZONE = "Asia/Ho_Chi_Minh"
"""Its name in the IANA time zone database."""
HANOI = ZoneInfo(ZONE)
"""With its history: dates of birth go back beyond the offset of today."""

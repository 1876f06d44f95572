"""The embedded stack: every service that production has, on one machine, under one supervisor."""

from __future__ import annotations

from infra.embedded.home import HomeError, is_home
from infra.embedded.stack import EVERYTHING, StackError, down, status, up

__all__ = ["EVERYTHING", "HomeError", "StackError", "down", "is_home", "status", "up"]

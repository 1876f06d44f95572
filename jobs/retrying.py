"""Retries of calls to others, told by Python's logging.

The library would tell them by structlog where that is installed, which prints them into a command's answer.
"""

from __future__ import annotations

from stamina import instrumentation, retry_context

__all__ = ["retry_context"]

instrumentation.set_on_retry_hooks([instrumentation.LoggingOnRetryHook])

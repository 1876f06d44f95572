"""Faults that the pipeline tells apart, with their exit codes."""

from __future__ import annotations


class LienthongError(Exception):
    """A fault with one clear message and, where there is one, a remedy."""

    exit_code = 1

    def __init__(self, message: str, remedy: str | None = None) -> None:
        super().__init__(message if remedy is None else f"{message} Remedy: {remedy}")
        self.message = message
        self.remedy = remedy


class UsageFault(LienthongError):
    """The call or a setting is wrong."""

    exit_code = 2


class Refused(LienthongError):
    """Bytes, a batch or a request was refused; trying again gives the same."""

    exit_code = 3


class Unreachable(LienthongError):
    """A source or a service did not answer; trying again may help."""

    exit_code = 4


class IntegrityFault(LienthongError):
    """An equation does not hold, or data differ from their evidence."""

    exit_code = 5

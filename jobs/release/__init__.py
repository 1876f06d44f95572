"""The open release: built from the lake, approved by a person, published without naming anyone."""

from jobs.release.periods import Policy
from jobs.release.verbs import (
    approve,
    build,
    first_difference,
    listed,
    open_bucket_policy,
    refresh,
    reject,
    republish,
    show,
    url,
    withdraw,
)

__all__ = [
    "Policy",
    "approve",
    "build",
    "first_difference",
    "listed",
    "open_bucket_policy",
    "refresh",
    "reject",
    "republish",
    "show",
    "url",
    "withdraw",
]

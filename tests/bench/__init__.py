"""Rates and ratios against goals, rivals and a committed baseline: ``python -m tests.bench``."""

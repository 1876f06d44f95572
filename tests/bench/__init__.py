"""Benchmarks: timings live here and never in a test."""

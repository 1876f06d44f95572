"""Batch-level expectations, as Great Expectations runs them."""

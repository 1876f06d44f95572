"""The ledger: counts and digests recomputed from the data, and what they must equal."""

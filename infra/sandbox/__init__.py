"""The provincial sandbox: sources that speak real protocols, and the truth behind them.

Deterministic: the same seed, scale, dirt profile and day give the same bytes. It imports nothing of
the pipeline: it writes what provincial systems write.
"""

"""Golden state of aggregates: a pure function of their ordered facts."""

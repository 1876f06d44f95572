"""What was tampered with is named, store by store."""

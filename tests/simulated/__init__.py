"""Thousands of seeded fault schedules: the pipeline's own protocol, with stores that live in memory."""

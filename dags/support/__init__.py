"""What the DAG files share: assets, policies, the one way in which a task calls a verb."""

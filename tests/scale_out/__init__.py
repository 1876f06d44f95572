"""Scale-out: the same day on a Spark cluster gives the same registers."""

"""Open datasets: explicit projections and aggregates in which nobody is named."""

"""The lake: Iceberg tables and how batches reach them."""

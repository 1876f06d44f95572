"""Population register: persons and their residences."""

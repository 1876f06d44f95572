"""Sources: what a province offers and how it is asked, one TOML file each."""

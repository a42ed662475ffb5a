"""The soak: see `tests/soak/run`."""

"""The test command: see `tests/run`."""

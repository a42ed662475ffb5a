"""The kill matrix: see `tests/faults/run`."""

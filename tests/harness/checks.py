"""Counts what held and what did not."""

from __future__ import annotations

# Whatever breaks breaks often; the first failures say most.
SHOWN = 40


class Checks:
    """The checks of a run."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        # Where a check stands, for whoever reads of its failure.
        self.place = ""

    def expect(self, holds: bool, what: str) -> bool:
        """Counts one check. `what` says what should hold, and what was found instead."""
        if holds:
            self.passed += 1
            return True
        self.failed += 1
        if self.failed <= SHOWN:
            print(f"FAILED {self.place}: {what[:600]}", flush=True)
        return False

    def expect_none(self, problems: list[str], what: str) -> bool:
        """Counts one check: that no problem was found."""
        return self.expect(not problems, f"{what}: {'; '.join(problems[:5])}")

    def summary(self) -> str:
        """The line that a run ends with."""
        return f"{self.passed} passed, {self.failed} failed"

"""How many tests passed and failed, as each runner says it in its own words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, Optional


@dataclass(frozen=True)
class Counts:
    """Tests that passed and that failed."""

    passed: int = 0
    failed: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.passed + other.passed, self.failed + other.failed)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed"


ONE_PASSED = Counts(passed=1)
ONE_FAILED = Counts(failed=1)

# Reads a runner's output; None where its summary is not there.
Reader = Callable[[str], Optional[Counts]]


def cargo_test(output: str) -> Optional[Counts]:
    """Adds up the `test result:` lines, one of each test binary."""
    found = re.findall(r"^test result: \w+\. (\d+) passed; (\d+) failed;", output, re.MULTILINE)
    if not found:
        return None
    return Counts(sum(int(passed) for passed, _ in found), sum(int(failed) for _, failed in found))


def vitest(output: str) -> Optional[Counts]:
    """`      Tests  2 failed | 40 passed | 1 skipped (43)`"""
    lines = re.findall(r"^ *Tests  (.*)$", output, re.MULTILINE)
    return _named(lines[-1], failed=("failed",)) if lines else None


def pytest(output: str) -> Optional[Counts]:
    """`1 failed, 40 passed, 2 errors in 3.21s`, with or without a frame."""
    lines = re.findall(r"^(?:=+ )?(.*\b\d+ \w+.*) in [\d.]+s\b.*$", output, re.MULTILINE)
    return _named(lines[-1], failed=("failed", "error", "errors")) if lines else None


def node_test(output: str) -> Optional[Counts]:
    """`# pass 40`, `# fail 1`; the reporter for people has `ℹ` in place of `#`."""
    told = dict(re.findall(r"^(?:#|ℹ) (pass|fail|cancelled) (\d+)$", output, re.MULTILINE))
    if "pass" not in told:
        return None
    return Counts(int(told["pass"]), int(told.get("fail", 0)) + int(told.get("cancelled", 0)))


def playwright(output: str) -> Optional[Counts]:
    """Lines such as `  1 failed`, `  40 passed (12.3s)`. What did not run did not pass."""
    kinds = r"passed|failed|flaky|interrupted|did not run"
    lines = re.findall(rf"^  (\d+ (?:{kinds}))(?: \(.*\))?$", output, re.MULTILINE)
    failed = ("failed", "flaky", "interrupted", "did not run")
    return _named(", ".join(lines), failed) if lines else None


def unittest(output: str) -> Optional[Counts]:
    """`Ran 40 tests in 0.1s`, then `OK` or `FAILED (failures=1, errors=1)`."""
    ran = re.search(r"^Ran (\d+) tests? in", output, re.MULTILINE)
    if not ran:
        return None
    verdict = re.search(r"^FAILED \((.*)\)$", output, re.MULTILINE)
    wrong = re.findall(r"(?:failures|errors|unexpected successes)=(\d+)", verdict[1] if verdict else "")
    skipped = re.search(r"skipped=(\d+)", output)
    failed = sum(map(int, wrong))
    return Counts(int(ran[1]) - failed - int(skipped[1] if skipped else 0), failed)


def own(output: str) -> Optional[Counts]:
    """`40 passed, 1 failed` alone on the last line."""
    last = output.rstrip().rpartition("\n")[2]
    found = re.fullmatch(r"(\d+) passed, (\d+) failed", last)
    return Counts(int(found[1]), int(found[2])) if found else None


def _named(text: str, failed: tuple[str, ...]) -> Counts:
    told = re.findall(r"(\d+) (did not run|\w+)", text)
    return Counts(
        sum(int(number) for number, name in told if name == "passed"),
        sum(int(number) for number, name in told if name in failed),
    )


def judge(read: Optional[Reader], output: str, exit_code: int) -> Counts:
    """What a command came to. Without a reader it is one test.

    A runner that fails without naming a failed test has crashed, and one that ran nothing has tested
    nothing: each is one failure.
    """
    if read is None:
        return ONE_FAILED if exit_code else ONE_PASSED
    counts = read(output) or Counts()
    if counts.failed == 0 and (exit_code or counts.passed == 0):
        return counts + ONE_FAILED
    return counts

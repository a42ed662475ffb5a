"""Summaries as the runners write them."""

import unittest

from runner import counts
from runner.counts import Counts, judge

CARGO = """\
     Running unittests src/lib.rs (target/debug/deps/a-1)
test result: ok. 40 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s
   Doc-tests a
test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s
"""
VITEST = """\
 Test Files  1 failed | 5 passed (6)
      Tests  2 failed | 40 passed | 1 skipped (43)
"""
PLAYWRIGHT = """\
Running 9 tests using 1 worker
  1 failed
    a.spec.ts:1:1 › it works ────
  1 flaky
    b.spec.ts:1:1 › it works
  2 did not run
  5 passed (12.3s)
"""


class CountsTest(unittest.TestCase):
    def test_each_runners_words(self):
        for read, output, expected in [
            (counts.cargo_test, CARGO, Counts(42, 1)),
            (counts.vitest, VITEST, Counts(40, 2)),
            (counts.vitest, "      Tests  40 passed (40)\n", Counts(40)),
            (counts.pytest, "== 1 failed, 40 passed, 1 skipped, 2 errors in 3.21s ==\n", Counts(40, 3)),
            (counts.pytest, "89 passed, 4 warnings in 62.05s (0:01:02)\n", Counts(89)),
            (counts.pytest, "1 error in 0.05s\n", Counts(0, 1)),
            (counts.node_test, "# tests 4\n# pass 2\n# fail 1\n# cancelled 1\n", Counts(2, 2)),
            (counts.node_test, "ℹ tests 2\nℹ pass 2\nℹ fail 0\nℹ cancelled 0\n", Counts(2)),
            (counts.playwright, PLAYWRIGHT, Counts(5, 4)),
            (counts.playwright, "\n  12 passed (1.2m)\n", Counts(12)),
            (counts.unittest, "Ran 4 tests in 0.1s\n\nFAILED (failures=1, errors=2)\n", Counts(1, 3)),
            (counts.unittest, "Ran 4 tests in 0.1s\n\nOK (skipped=1)\n", Counts(3)),
            (counts.own, "a\n3 passed, 1 failed\n", Counts(3, 1)),
        ]:
            with self.subTest(read=read.__name__, output=output):
                self.assertEqual(read(output), expected)

    def test_without_a_summary_nothing_is_counted(self):
        for read in (
            counts.cargo_test, counts.vitest, counts.pytest, counts.node_test, counts.playwright,
            counts.unittest, counts.own,
        ):
            with self.subTest(read=read.__name__):
                self.assertIsNone(read("error: it did not compile\n"))

    def test_a_command_without_a_reader_is_one_test(self):
        self.assertEqual(judge(None, "", 0), Counts(1, 0))
        self.assertEqual(judge(None, "", 1), Counts(0, 1))

    def test_a_runner_that_crashed_or_ran_nothing_has_failed(self):
        self.assertEqual(judge(counts.cargo_test, "error: could not compile", 101), Counts(0, 1))
        self.assertEqual(judge(counts.cargo_test, CARGO, 101), Counts(42, 1))
        self.assertEqual(judge(counts.own, "3 passed, 0 failed", 1), Counts(3, 1))
        self.assertEqual(judge(counts.pytest, "no tests ran in 0.01s", 0), Counts(0, 1))

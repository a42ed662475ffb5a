"""What is shown of a failure."""

import unittest

from runner import excerpts

CARGO = """\
test a::works ... FAILED

failures:

---- a::works stdout ----

thread 'a::works' panicked at src/a.rs:1:5:
left is not right
stack backtrace:
   0: somewhere

---- a::shines stdout ----
thread 'a::shines' panicked at src/a.rs:2:5:
dark
note: run with `RUST_BACKTRACE=1`

failures:
    a::works

     Running the next
test result: ok. 1 passed; 0 failed;
"""


class ExcerptsTest(unittest.TestCase):
    def test_failed_tests_are_told_without_their_backtraces(self):
        self.assertEqual(
            excerpts.cargo_test(CARGO),
            [
                "---- a::works stdout ----",
                "thread 'a::works' panicked at src/a.rs:1:5:",
                "left is not right",
                "---- a::shines stdout ----",
                "thread 'a::shines' panicked at src/a.rs:2:5:",
                "dark",
            ],
        )

    def test_without_failed_tests_the_end_is_told(self):
        self.assertEqual(excerpts.cargo_test("   Compiling a\nerror: b\n"), ["error: b"])

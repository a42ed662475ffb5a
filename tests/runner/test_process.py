"""Commands are run to their end, and nothing is left of them."""

import io
import sys
import time
import unittest
from pathlib import Path

from runner import process

HERE = Path(__file__).parent
LINUX = sys.platform == "linux"
# Starts a process in a session of its own that outlives its parent, and tells its id.
LEAVES_ONE = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(child.pid)
"""


class ProcessTest(unittest.TestCase):
    def run_python(self, source, timeout_seconds=60):
        self.log = io.StringIO()
        self.shown = []
        process.adopt_orphans()
        return process.run(
            [sys.executable, "-c", source],
            cwd=HERE,
            env={},
            log=self.log,
            timeout_seconds=timeout_seconds,
            on_line=self.shown.append,
            on_silence=lambda seconds: None,
        )

    def test_output_code_and_log(self):
        source = "import sys; print('\\x1b[31mred\\x1b[0m'); print('no end', end=''); sys.exit(3)"
        self.assertEqual(self.run_python(source), (3, "red\nno end\n"))
        self.assertEqual(self.shown, ["red", "no end"])
        self.assertEqual(self.log.getvalue(), "red\nno end\n")

    def test_there_is_nothing_to_read(self):
        self.assertEqual(self.run_python("print(repr(input()) if 0 else open(0).read() == '')")[1], "True\n")

    def test_what_takes_too_long_is_ended(self):
        began = time.monotonic()
        code, output = self.run_python("import time; time.sleep(600)", timeout_seconds=0.1)
        self.assertEqual(code, process.TIMED_OUT)
        self.assertIn("all it may take", output)
        self.assertLess(time.monotonic() - began, 60)

    @unittest.skipUnless(LINUX, "needs /proc")
    def test_what_it_leaves_is_ended(self):
        code, output = self.run_python(LEAVES_ONE)
        self.assertEqual(code, 0)
        self.assertFalse(Path(f"/proc/{int(output)}").exists())
        self.assertIn("1 processes were still there", self.log.getvalue())

    def test_a_command_that_is_not_there(self):
        log = io.StringIO()
        code, output = process.run(
            ["no-such-command"], cwd=HERE, env={}, log=log, timeout_seconds=1, on_line=print, on_silence=print
        )
        self.assertEqual(code, process.NOT_FOUND)
        self.assertIn("no-such-command cannot be run", output)

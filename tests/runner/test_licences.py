"""Licence expressions."""

import unittest

from runner.licences import is_allowed


class LicencesTest(unittest.TestCase):
    def test_what_can_be_met_is_allowed(self):
        for expression in (
            "MIT",
            "MIT OR Apache-2.0",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "Apache-2.0 WITH LLVM-exception",
            "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 AND ISC AND (MIT OR GPL-2.0)",
        ):
            with self.subTest(expression):
                self.assertTrue(is_allowed(expression))

    def test_what_cannot_be_met_is_not(self):
        for expression in (
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "GPL-3.0 OR AGPL-3.0",
            "MIT WITH Something-exception",
            "(GPL-3.0 OR MIT) AND LGPL-2.1",
            "MIT AND GPL-3.0 OR AGPL-3.0",
        ):
            with self.subTest(expression):
                self.assertFalse(is_allowed(expression))

    def test_and_binds_tighter_than_or(self):
        self.assertTrue(is_allowed("MIT OR GPL-3.0 AND AGPL-3.0"))
        self.assertFalse(is_allowed("(MIT OR GPL-3.0) AND AGPL-3.0"))

    def test_what_cannot_be_read_is_an_error(self):
        for expression in ("", "MIT OR", "(MIT", "MIT)", "AND MIT", "MIT Apache-2.0", "MIT WITH"):
            with self.subTest(expression), self.assertRaises(ValueError):
                is_allowed(expression)

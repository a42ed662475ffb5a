"""Dependencies that no source mentions."""

import tempfile
import unittest
from pathlib import Path

from runner.unused_dependencies import unused


class UnusedDependenciesTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)

    def unused(self, files, dependencies):
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        targets = [
            {"kind": ["custom-build"] if name == "build.rs" else ["lib"], "src_path": str(self.root / name)}
            for name in files
            if name in {"build.rs", "src/lib.rs"}
        ]
        named = [{"kind": kind, "name": name, "rename": rename} for kind, name, rename in dependencies]
        package = {"manifest_path": str(self.root / "Cargo.toml"), "targets": targets, "dependencies": named}
        return list(unused(package))

    def test_a_name_in_any_file_of_the_target_counts(self):
        files = {"src/lib.rs": "mod a;", "src/a/b.rs": "use serde_json::Value;"}
        self.assertEqual(self.unused(files, [(None, "serde-json", None)]), [])

    def test_comments_and_parts_of_names_do_not(self):
        files = {"src/lib.rs": "// serde\nfn f() { my_serde(); }"}
        self.assertEqual(self.unused(files, [(None, "serde", None)]), ["serde"])

    def test_a_renamed_dependency_goes_by_its_new_name(self):
        files = {"src/lib.rs": "use short::x;"}
        self.assertEqual(self.unused(files, [(None, "very-long", "short")]), [])

    def test_a_build_dependency_is_used_by_the_build_script(self):
        files = {"src/lib.rs": "use cc;", "build.rs": "fn main() {}"}
        self.assertEqual(self.unused(files, [("build", "cc", None)]), ["cc"])

    def test_packages_within_the_package_do_not_count(self):
        files = {"src/lib.rs": "", "src/inner/Cargo.toml": "", "src/inner/lib.rs": "use serde;"}
        self.assertEqual(self.unused(files, [(None, "serde", None)]), ["serde"])

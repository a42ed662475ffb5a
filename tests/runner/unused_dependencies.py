"""Whether every dependency that a package names occurs in its sources."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Iterator

from runner.project import metadata

COMMENT = re.compile(r"//.*")
BUILD_SCRIPT = "custom-build"


def find_problems() -> list[str]:
    """The dependencies of workspace members that nothing uses."""
    told = metadata()
    members = set(told["workspace_members"])
    return [
        f"{package['name']}: {name} is not used by its sources"
        for package in told["packages"]
        if package["id"] in members
        for name in unused(package)
    ]


def unused(package: dict) -> Iterator[str]:
    """The names of a package's dependencies that its sources never mention."""
    root = Path(package["manifest_path"]).parent
    build, other = "", ""
    for target in package["targets"]:
        text = "\n".join(map(_code, sources(root, Path(target["src_path"]))))
        if target["kind"] == [BUILD_SCRIPT]:
            build += text
        else:
            other += text
    for dependency in package["dependencies"]:
        text = build if dependency["kind"] == "build" else other
        name = (dependency["rename"] or dependency["name"]).replace("-", "_")
        if not re.search(rf"\b{name}\b", text):
            yield dependency["name"]


def sources(root: Path, entry: Path) -> Iterator[Path]:
    """The files of a target: those around its root file, short of packages within the package."""
    if entry.name == "build.rs" or root not in entry.parents:
        yield entry
        return
    waiting = [entry.parent]
    while waiting:
        directory = waiting.pop()
        for path in directory.iterdir():
            if path.suffix == ".rs":
                yield path
            elif path.is_dir() and not (path / "Cargo.toml").exists():
                waiting.append(path)


def _code(path: Path) -> str:
    return COMMENT.sub("", path.read_text(encoding="utf-8"))

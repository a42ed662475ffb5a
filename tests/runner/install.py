"""What the tests need beside the repository: installed where it is missing, at pinned versions."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Iterator, Optional

from runner.project import CACHE, ROOT, target_directory
from runner.steps import Check, Step, prepare

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_BROWSERS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
CLIENTS = ROOT / "tests" / "clients"
SIGNING = ROOT / "tests" / "signing"
VENV = CACHE / ".venv"
# Where the version of the Lambda Web Adapter stands.
ADAPTER = ROOT / "tests" / "cloud-path" / "src" / "programs.rs"


def find_browser() -> Optional[str]:
    """The path of a Chrome or Chromium: the one that CHROMIUM names, else one that is installed."""
    named = os.environ.get("CHROMIUM")
    found = [named] if named else [*map(shutil.which, BROWSERS), *MAC_BROWSERS]
    return next((path for path in found if path and os.access(path, os.X_OK)), None)


def browser() -> Iterator[Step]:
    """A Chrome or Chromium, installed only where there is none."""
    if find_browser() is None:
        otherwise = "install Chrome or Chromium, or set CHROMIUM to its path"
        yield from packages("chromium", otherwise=otherwise)
        yield Check("find a browser", lambda: [] if find_browser() else [otherwise], is_preparation=True)


def packages(*names: str, otherwise: str) -> Iterator[Step]:
    """Debian packages. Where that cannot be, one step that fails and says what to do."""
    is_root = getattr(os, "geteuid", lambda: 1)() == 0
    if shutil.which("apt-get") is None or not (is_root or shutil.which("sudo")):
        problem = f"{' '.join(names)} cannot be installed here (no apt-get, or neither root nor sudo): {otherwise}"
        yield Check(f"install {' '.join(names)}", lambda: [problem], is_preparation=True)
        return
    as_root = ["env"] if is_root else ["sudo", "-n", "env"]
    apt = [*as_root, "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    yield prepare(*apt, "update")
    yield prepare(*apt, "install", "-y", "--no-install-recommends", *names)


def node_modules(directory: Path) -> Iterator[Step]:
    """The packages of a lock file, installed again only when it has changed."""
    lock = directory / "package-lock.json"
    installed = directory / "node_modules" / ".package-lock.json"
    if not (installed.is_file() and installed.stat().st_mtime >= lock.stat().st_mtime):
        yield prepare("npm", "ci", "--no-audit", "--no-fund", cwd=directory)


def clients_python() -> str:
    """The Python that has the clients."""
    return str(VENV / "bin" / "python")


def clients_venv() -> Iterator[Step]:
    """A virtual environment with the clients, made again only when the requirements have changed."""
    requirements = CLIENTS / "requirements.txt"
    wanted = f"{sys.version}\n{requirements.read_text()}"
    installed = VENV / "installed.txt"
    if installed.is_file() and installed.read_text() == wanted:
        return
    if importlib.util.find_spec("ensurepip") is None:
        yield from packages("python3-venv", otherwise="install Python's venv module")
    yield prepare(sys.executable, "-m", "venv", "--clear", str(VENV))
    pip = [clients_python(), "-m", "pip", "install", "--disable-pip-version-check", "--only-binary", ":all:"]
    yield prepare(*pip, "-r", str(requirements))
    installed.write_text(wanted)


def signature_vectors() -> Iterator[Step]:
    """AWS's test vectors, which botocore's source distribution carries."""
    requirements = SIGNING / "requirements.txt"
    release = re.search(r"^botocore==(\S+)", requirements.read_text(), re.MULTILINE)
    if (CACHE / f"botocore-{release[1]}.tar.gz").is_file():
        return
    pip = [clients_python(), "-m", "pip", "download", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    yield prepare(*pip, "--no-binary", "botocore", "-d", str(CACHE), "-r", str(requirements))


def binaries() -> Iterator[Step]:
    """The programs that tests start, built with the very features that `cargo test` builds with."""
    yield from node_modules(ROOT / "app" / "ui")
    yield prepare("cargo", "build", "--workspace", "--all-targets", "--locked")


def lambda_adapter() -> Iterator[Step]:
    """The Lambda Web Adapter, where `cloud-path` looks for it. It would build it too, but within a test."""
    version = re.search(r'^const ADAPTER_VERSION: &str = "(.+)";$', ADAPTER.read_text(), re.MULTILINE)[1]
    root = target_directory() / f"lambda-adapter-{version}"
    if (root / "bin" / "lambda-adapter").is_file():
        return
    cargo = ["cargo", "install", "--locked", "--bin", "lambda-adapter", "--root", str(root)]
    build = root / "build"
    yield prepare(*cargo, f"lambda_web_adapter@{version}", env={"CARGO_TARGET_DIR": str(build)})
    # Only the program is wanted of it.
    shutil.rmtree(build, ignore_errors=True)

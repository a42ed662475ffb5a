"""Where things are, and the environment that commands run in."""

from __future__ import annotations

import functools
import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / "tests" / ".cache"

# A developer's own settings and keys must not reach a test, nor a test somebody's account.
PRIVATE_PREFIXES = ("TIDEWIRE_", "OPENAI_", "AWS_")
PRIVATE = ("PORT", "FRONT", "FORCE_COLOR")
LOOPBACK = "127.0.0.1,localhost,::1"


def environment() -> dict[str, str]:
    """The environment of every command."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in PRIVATE and not name.startswith(PRIVATE_PREFIXES)
    }
    cargo = Path.home() / ".cargo" / "bin"
    if cargo.is_dir():
        kept["PATH"] = f"{kept.get('PATH', os.defpath)}{os.pathsep}{cargo}"
    for name in ("NO_PROXY", "no_proxy"):
        kept[name] = ",".join(filter(None, [kept.get(name), LOOPBACK]))
    return {
        **kept,
        "BUILD_UI": "require",
        "CARGO_TERM_COLOR": "never",
        "NO_COLOR": "1",
        "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@functools.lru_cache(maxsize=None)
def metadata() -> dict:
    """What `cargo metadata` tells of the workspace and all that it depends on.

    Raises RuntimeError with cargo's own words.
    """
    try:
        told = subprocess.run(
            ["cargo", "metadata", "--locked", "--format-version", "1"],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError:
        raise RuntimeError("cargo is missing: install Rust from https://rustup.rs") from None
    if told.returncode:
        raise RuntimeError(told.stderr.strip())
    return json.loads(told.stdout)


@functools.lru_cache(maxsize=None)
def target_directory() -> Path:
    """Where cargo builds."""
    try:
        return Path(metadata()["target_directory"])
    except RuntimeError:
        return ROOT / "target"


def binaries(profile: str = "debug") -> dict[str, str]:
    """The variables that tell tests in other languages where the binaries are."""
    built = target_directory() / profile
    return {
        "TIDEWIRE_BIN": str(built / "tidewire"),
        "CLOUD_PATH_BIN": str(built / "cloud-path"),
        "OPENAI_UPSTREAM_BIN": str(built / "openai-upstream"),
        "BEDROCK_SERVER": str(built / "bedrock-server"),
        "SIGN_LINES": str(built / "sign-lines"),
        "VERIFY_LINES": str(built / "verify-lines"),
    }

"""The table of suites. A new one is an entry here and a function that yields its steps."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator, Optional

from runner import counts, excerpts, install, licences, unused_dependencies
from runner.project import ROOT, binaries, target_directory
from runner.steps import MINUTE, Check, Command, Step, prepare

UI = ROOT / "app" / "ui"
BROWSER = ROOT / "tests" / "browser"
EDGE = ROOT / "edge-signer" / "edge"
CARGO_TEST_LINES = r"^ +Running |^test .* FAILED$"

# Short enough for every run of `--all`; docs/PERFORMANCE.md has the commands for real figures.
MEASUREMENTS = (
    ("idle",),
    ("cold-start", "--runs", "10"),
    ("first-token", "--turns", "200"),
    ("delta", "--streams", "50", "--seconds", "5"),
    ("streams", "--streams", "1000", "--tokens", "10"),
    ("completions", "--streams", "32", "--seconds", "4"),
    ("lambda-start", "--runs", "5"),
    ("lambda-warm", "--rounds", "50"),
    ("lambda-streams", "--streams", "20", "--at-once", "5"),
    ("path", "--requests", "50"),
    ("proxy", "--requests", "50"),
    ("signer",),
)

# What `cloud-path` puts before the program, and the Rust tests of what is another's there: Lambda refuses
# bodies over 6 MB and tells nobody that a client has gone; without an adapter no listener of ours reads heads.
NOT_BEHIND_LAMBDA = ("a_body_of_ten_megabytes", "a_client_of_v1_that_goes")
FRONTS = {
    "adapter": NOT_BEHIND_LAMBDA,
    "lambda-http": (*NOT_BEHIND_LAMBDA, "a_head_that_is_too_long"),
    "path": NOT_BEHIND_LAMBDA,
}


@dataclass(frozen=True)
class Suite:
    """A suite of tests."""

    name: str
    about: str
    steps: Callable[[], Iterator[Step]]
    # Run by `--all`, or when it is named.
    is_extra: bool = False
    # It is there when this is.
    needs: Optional[Path] = None

    def is_there(self) -> bool:
        return self.needs is None or self.needs.exists()


def style() -> Iterator[Step]:
    """What a machine can say without running anything."""
    yield from install.node_modules(UI)
    yield Command(
        [sys.executable, "-m", "unittest", "discover", "-s", "tests/runner", "-t", "tests"],
        read=counts.unittest,
    )
    yield Command(["cargo", "fmt", "--all", "--check"])
    yield Command(["cargo", "fmt", "--manifest-path", "tests/fuzz/Cargo.toml", "--check"])
    yield Check("licences of all Cargo dependencies", licences.find_problems)
    yield Check("dependencies that nothing uses", unused_dependencies.find_problems)
    lints = ["cargo", "clippy", "--workspace", "--all-targets", "--locked", "--keep-going"]
    yield Command([*lints, "--", "-D", "warnings"], timeout_seconds=60 * MINUTE)
    # What fuzz targets call is compiled for them alone.
    fuzzed = ["-p", "tidewire", "-p", "tidewire-models", "--features", "tidewire/fuzz,tidewire-models/fuzz"]
    yield Command(["cargo", "clippy", *fuzzed, "--locked", "--", "-D", "warnings"], timeout_seconds=30 * MINUTE)
    yield Command(
        ["cargo", "doc", "--workspace", "--no-deps", "--locked"],
        env={"RUSTDOCFLAGS": "-D rustdoc::broken_intra_doc_links"},
        timeout_seconds=30 * MINUTE,
    )


def rust() -> Iterator[Step]:
    """All tests of the workspace."""
    yield from install.binaries()
    yield from install.lambda_adapter()
    yield Command(
        ["cargo", "test", "--workspace", "--locked", "--no-fail-fast"],
        read=counts.cargo_test,
        excerpt=excerpts.cargo_test,
        show=CARGO_TEST_LINES,
        timeout_seconds=30 * MINUTE,
    )


def ui() -> Iterator[Step]:
    """The web UI by itself."""
    yield from install.node_modules(UI)
    yield Command(["npm", "run", "lint"], cwd=UI)
    yield Command(["npm", "test"], cwd=UI, read=counts.vitest, show=r"^ *(Test Files|Tests) |FAIL")
    yield prepare("npm", "run", "build", cwd=UI)
    yield Command(["npm", "run", "size"], cwd=UI)


def edge() -> Iterator[Step]:
    """The JavaScript that CloudFront runs, held to what its runtimes take."""
    yield from install.node_modules(EDGE)
    yield Command(["npm", "run", "lint"], cwd=EDGE)
    yield Command(
        ["node", "--test", "--test-reporter=tap"],
        cwd=EDGE,
        read=counts.node_test,
        show=r"^not ok ",
    )


def clients() -> Iterator[Step]:
    """Clients of other people against the real program."""
    yield from install.binaries()
    yield from install.clients_venv()
    yield from install.node_modules(install.CLIENTS)
    yield from clients_on("app")


def clients_on(front: str) -> Iterator[Step]:
    """The tests of the clients on one front. It stands in the commands, where it is seen."""
    env = {**binaries(), "PYTHON": sys.executable}
    yield Command(
        ["env", f"FRONT={front}", install.clients_python(), "-m", "pytest", "-q", "--tb=short", "tests/clients"],
        env=env,
        read=counts.pytest,
        show=r"^(FAILED|ERROR) | in [\d.]+s",
    )
    yield Command(
        ["env", f"FRONT={front}", "node", "--test", "--test-reporter=tap"],
        cwd=install.CLIENTS,
        env=env,
        read=counts.node_test,
        show=r"^not ok ",
    )


def fronts() -> Iterator[Step]:
    """What stands before the program in AWS must change nothing that its clients see."""
    yield from install.binaries()
    yield from install.lambda_adapter()
    yield from install.clients_venv()
    yield from install.node_modules(install.CLIENTS)
    for front, not_there in FRONTS.items():
        # All of the workspace, or cargo would build the app again with other features.
        rust = ["cargo", "test", "--workspace", "--locked", "--no-fail-fast", "--test", "turns", "--test", "input"]
        skips = [word for test in not_there for word in ("--skip", test)]
        yield Command(
            ["env", f"FRONT={front}", *rust, "--", *skips],
            read=counts.cargo_test,
            excerpt=excerpts.cargo_test,
            show=CARGO_TEST_LINES,
        )
        yield from clients_on(front)


def signing() -> Iterator[Step]:
    """Signatures: AWS's test vectors, and botocore on generated requests."""
    yield from install.binaries()
    yield from install.clients_venv()
    yield from install.signature_vectors()
    yield Command(
        [install.clients_python(), "-m", "pytest", "-q", "--tb=short", "tests/signing"],
        env=binaries(),
        read=counts.pytest,
        show=r"^(FAILED|ERROR) | in [\d.]+s",
    )


def browser() -> Iterator[Step]:
    """The web UI in a real browser, served by the real program."""
    yield from install.binaries()
    yield from install.lambda_adapter()
    yield from install.browser()
    yield from install.node_modules(BROWSER)
    yield Command(
        ["npx", "--no-install", "playwright", "test"],
        cwd=BROWSER,
        env={**binaries(), "CHROMIUM": install.find_browser() or ""},
        read=counts.playwright,
        show=r"^ *(✘|x) |^  \d+ (passed|failed)",
        timeout_seconds=20 * MINUTE,
    )


def load() -> Iterator[Step]:
    """Short measurements: each must come to its end. They judge no figure."""
    yield from install.node_modules(UI)
    yield from install.lambda_adapter()
    measured = ["-p", "tidewire", "-p", "tidewire-load", "-p", "edge-signer"]
    yield prepare("cargo", "build", "--release", "--locked", *measured)
    tool = str(target_directory() / "release" / "tidewire-load")
    for measurement in MEASUREMENTS:
        yield Command([tool, *measurement], show=r"\S", timeout_seconds=3 * MINUTE)


def fuzz() -> Iterator[Step]:
    """Random inputs for what reads strangers' bytes. Builds what it needs itself, instrumented."""
    yield Command(
        [str(ROOT / "tests" / "fuzz" / "run")],
        read=counts.own,
        show=r"^\w+: |^  (the input|again): ",
        timeout_seconds=60 * MINUTE,
    )


def slow() -> Iterator[Step]:
    """Rust tests that wait for what takes its time. Those elsewhere that are ignored are halves of other tests."""
    yield from install.binaries()
    yield from install.lambda_adapter()
    yield Command(
        ["cargo", "test", "--workspace", "--locked", "--test", "cloud_path", "--", "--ignored"],
        read=counts.cargo_test,
        excerpt=excerpts.cargo_test,
        show=CARGO_TEST_LINES,
    )


def own_runner(name: str) -> Callable[[], Iterator[Step]]:
    """A suite with a command of its own, `tests/NAME/run`, whose last line is `N passed, N failed`."""

    def steps() -> Iterator[Step]:
        yield from install.binaries()
        yield Command(
            [str(ROOT / "tests" / name / "run")],
            env=binaries(),
            read=counts.own,
            show=r"\S",
            timeout_seconds=60 * MINUTE,
        )

    return steps


SUITES = (
    Suite("style", "formatting, lints, documentation, licences, unused dependencies", style),
    Suite("rust", "all tests of the Cargo workspace", rust),
    Suite("ui", "the web UI: lints, types, unit tests, size", ui),
    Suite("edge", "the JavaScript that CloudFront runs", edge),
    Suite("clients", "OpenAI's SDKs, litellm, the AI SDK, boto3 against the real program", clients),
    Suite("fronts", "Rust tests and clients again, behind what AWS puts before the program", fronts),
    Suite("signing", "signatures against AWS's test vectors and botocore", signing),
    Suite("browser", "the web UI in Chromium", browser, needs=BROWSER),
    Suite("slow", "Rust tests that take minutes", slow, is_extra=True),
    Suite("load", "short measurements of the release build", load, is_extra=True),
    Suite("fuzz", "random inputs for what reads strangers' bytes", fuzz, is_extra=True),
    Suite("faults", "what breaks", own_runner("faults"), is_extra=True, needs=ROOT / "tests/faults/run"),
    Suite("soak", "what builds up", own_runner("soak"), is_extra=True, needs=ROOT / "tests/soak/run"),
)


def named(names: list[str]) -> list[Suite]:
    """The suites of these names, in the order of the table."""
    return [suite for suite in SUITES if suite.name in names]


def usual(with_extra: bool) -> list[Suite]:
    """The suites of a run where none is named."""
    return [suite for suite in SUITES if suite.is_there() and (with_extra or not suite.is_extra)]

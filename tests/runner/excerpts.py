"""The part of a runner's output that says what failed."""

from __future__ import annotations

import re

TAIL_LINES = 60
# What says nothing about a failure.
NOISE = re.compile(r"^ +(Compiling|Checking|Documenting|Downloading|Downloaded|Blocking) ")
# What a failed test said, without its backtrace.
CARGO_FAILURE = re.compile(
    r"^---- .+ ----\n(?:.*\n)*?(?=stack backtrace:|note: run with|---- |failures:$)", re.MULTILINE
)


def tail(output: str) -> list[str]:
    """The last lines."""
    telling = [line for line in output.splitlines() if not NOISE.match(line)]
    return telling[-TAIL_LINES:]


def cargo_test(output: str) -> list[str]:
    """What failed tests said, wherever in the output; the last lines where none did."""
    said = "".join(CARGO_FAILURE.findall(output)).splitlines()
    return [line for line in said if line.strip()][: 2 * TAIL_LINES] or tail(output)

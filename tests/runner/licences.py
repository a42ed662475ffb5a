"""Whether every Cargo dependency comes under a licence that this project may be shipped with."""

from __future__ import annotations

import re

from runner.project import metadata

ALLOWED = {
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OpenSSL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
}


def find_problems() -> list[str]:
    """The packages whose licence is missing or not allowed."""
    problems = []
    for package in metadata()["packages"]:
        name = f"{package['name']} {package['version']}"
        expression = package["license"]
        try:
            if not expression:
                problems.append(f"{name} names no licence")
            elif not is_allowed(expression):
                problems.append(f"{name} comes under {expression}")
        except ValueError as error:
            problems.append(f"{name}: {error}")
    return problems


def is_allowed(expression: str) -> bool:
    """Whether an SPDX expression can be met with allowed licences.

    Follows annex D of the SPDX specification, and the `/` that Cargo once took for OR. Raises
    ValueError where it cannot be read.
    """
    tokens = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))
    allowed = _either(tokens)
    if tokens:
        raise ValueError(f"the licence {expression!r} cannot be read at {tokens[0]!r}")
    return allowed


def _either(tokens: list[str]) -> bool:
    allowed = _all(tokens)
    while tokens and tokens[0] == "OR":
        del tokens[0]
        # Both sides are read in any case.
        allowed = _all(tokens) or allowed
    return allowed


def _all(tokens: list[str]) -> bool:
    allowed = _one(tokens)
    while tokens and tokens[0] == "AND":
        del tokens[0]
        allowed = _one(tokens) and allowed
    return allowed


def _one(tokens: list[str]) -> bool:
    if not tokens:
        raise ValueError("the licence ends too early")
    token = tokens.pop(0)
    if token == "(":
        allowed = _either(tokens)
        if not tokens or tokens.pop(0) != ")":
            raise ValueError("the licence lacks a closing parenthesis")
        return allowed
    if token in {")", "AND", "OR", "WITH"}:
        raise ValueError(f"the licence has {token!r} where a name belongs")
    if tokens and tokens[0] == "WITH":
        del tokens[0]
        if not tokens:
            raise ValueError("the licence ends after WITH")
        token = f"{token} WITH {tokens.pop(0)}"
    return token in ALLOWED

"""AWS's published test vectors for Signature Version 4, out of botocore's source distribution.

botocore keeps them under tests/unit/auth/aws4_testsuite, a directory each, with files `.req` (the
request), `.creq` (the canonical request) and `.authz` (the Authorization header).
"""

from __future__ import annotations

import base64
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Optional

import botocore

CACHE = Path(__file__).resolve().parents[1] / ".cache"
SUITE = "/tests/unit/auth/aws4_testsuite/"
# What all vectors are signed with.
ACCESS_KEY = "AKIDEXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
REGION = "us-east-1"
SERVICE = "service"

# Vectors whose request cannot come to a signer of received requests, each with the reason.
NOT_APPLICABLE = {
    "normalize-path/get-space": "a space in the path: the request line cannot be read, HTTP has %20 there",
}


@dataclass(frozen=True)
class Vector:
    """One test of the suite."""

    name: str
    request: str
    canonical_request: str
    authorization: str
    session_token: Optional[str]

    def as_json(self) -> dict:
        """A line for `sign-lines`."""
        head, _, body = self.request.partition("\n\n")
        # Folded lines go as RFC 9112, 5.2, has it, before anybody looks at a value.
        first, *lines = head.replace("\n ", " ").split("\n")
        method, target = first.removesuffix(" HTTP/1.1").split(" ", 1)
        headers = [line.split(":", 1) for line in lines]
        # The suite has no x-amz-content-sha256, and a token that was added after signing in one test.
        signed = self.canonical_request.splitlines()[-2].split(";")
        added = {"x-amz-content-sha256", "x-amz-security-token"}
        return {
            "method": method,
            "target": target,
            "headers": [h for h in headers if h[0].lower() not in {"x-amz-date", "x-amz-security-token"}],
            "body_base64": base64.b64encode(body.encode()).decode(),
            "region": REGION,
            "service": SERVICE,
            "access_key": ACCESS_KEY,
            "secret_key": SECRET_KEY,
            "session_token": self.session_token,
            "time": "20150830T123600Z",
            "signed_headers": {"all_but": sorted(added.difference(signed))},
        }


def archive() -> Path:
    """The source distribution of the installed botocore, which tests/run has put into the cache."""
    found = CACHE / f"botocore-{botocore.__version__}.tar.gz"
    if not found.is_file():
        raise FileNotFoundError(f"{found} is missing: `tests/run --only signing` brings it there")
    return found


def read() -> Iterator[Vector]:
    """The vectors of the suite, by name."""
    files: dict[str, str] = {}
    with tarfile.open(archive()) as tar:
        for member in tar:
            _, found, path = member.name.partition(SUITE)
            content = tar.extractfile(member) if found and member.isfile() else None
            if content:
                files[path] = content.read().decode().replace("\r\n", "\n")
    for path in sorted(files):
        if path.endswith(".req"):
            stem = path.removesuffix(".req")
            yield Vector(
                name=stem.rpartition("/")[0],
                request=files[path].removesuffix("\n") if "\n\n" not in files[path] else files[path],
                canonical_request=files[f"{stem}.creq"].strip(),
                authorization=files[f"{stem}.authz"].strip(),
                session_token=_token(files[f"{stem}.sreq"]),
            )


def _token(signed_request: str) -> Optional[str]:
    for line in signed_request.splitlines():
        name, _, value = line.partition(":")
        if name.lower() == "x-amz-security-token":
            return value.strip()
    return None

"""Requests for signers and verifiers to agree on: odd ones, and the same ones for the same seed.

Each is as it stands on the wire: what a server reads, and a signature is checked against. So paths
and queries are encoded already, well or badly, and nothing here encodes them again.
"""

from __future__ import annotations

import base64
import hashlib
import random
import string
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Iterator, Optional

# What botocore never signs. A signer that signs "all" headers must leave out the same ones.
NEVER_SIGNED = (
    "authorization", "baggage", "connection", "expect", "keep-alive", "proxy-authenticate",
    "proxy-authorization", "te", "traceparent", "tracestate", "trailer", "transfer-encoding", "upgrade",
    "user-agent", "x-amzn-trace-id",
)

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
REGIONS = ("eu-west-1", "us-east-1", "ap-southeast-2", "cn-north-1")
UNRESERVED = string.ascii_letters + string.digits + "-._~"
# What a URI may hold unencoded, and some that browsers leave so though they should not.
LEFT_ALONE = UNRESERVED + "!$'()*+,;:@|^\\[]{}"
WORDS = ("a", "b", "api", "v1", "chat", "turns", "ä", "日本", "🌊", "~x", "A", "a.b", "...", "..a", "0")
SEGMENTS = ("", "", ".", "..", "%2e", "%2E%2e", "%2F", "%2f", "%25", "%252F", "%20", "+", "%2B", "a:b", "x=y", "a;b")
VALUES = ("", "1", "+", "%20", "%2B", "%2b", "a+b", "a=b", "==", "/", "?", "%2F", "ü", "%C3%BC", "%c3%bc", "%FF", "%", "%zz")
# Space that Python's `str.split` folds.
SPACES = (" ", "  ", "\t", " \t ", "   ")
UNICODE_SPACES = ("\u00a0", "\u2003", "\u3000")


@dataclass(frozen=True)
class SignedRequest:
    """A request, and with what it is to be signed."""

    method: str
    # Path and query.
    target: str
    # Names in any case, also repeated. `Host` is among them.
    headers: tuple[tuple[str, str], ...]
    body: bytes
    region: str
    service: str
    access_key: str
    secret_key: str
    session_token: Optional[str]
    time: datetime
    # All headers but NEVER_SIGNED; otherwise Host and x-amz-* alone, as CloudFront does.
    signs_all: bool

    @property
    def host(self) -> str:
        return next(value for name, value in self.headers if name.lower() == "host")

    @property
    def amz_date(self) -> str:
        return self.time.strftime("%Y%m%dT%H%M%SZ")

    @property
    def payload_hash(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    @property
    def is_plain(self) -> bool:
        """ASCII alone, and no space at the ends of header values: HTTP brings it over unchanged."""
        texts = [self.target, *(value for _, value in self.headers)]
        return all(text.isascii() for text in texts) and all(v == v.strip() for _, v in self.headers)

    def as_json(self) -> dict:
        """A line for `sign-lines`."""
        signed = {"all_but": list(NEVER_SIGNED)} if self.signs_all else "cloudfront"
        return {
            "method": self.method,
            "target": self.target,
            "headers": [list(header) for header in self.headers],
            "body_base64": base64.b64encode(self.body).decode(),
            "region": self.region,
            "service": self.service,
            "access_key": self.access_key,
            "secret_key": self.secret_key,
            "session_token": self.session_token,
            "time": self.amz_date,
            "signed_headers": signed,
        }


def generate(count: int, seed: int = 20261120) -> Iterator[SignedRequest]:
    """`count` requests, the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        yield _request(chance)


def _request(chance: random.Random) -> SignedRequest:
    target = _path(chance) + _query(chance)
    is_plain = chance.random() < 0.5
    if is_plain:
        target = "".join(c if c.isascii() else "".join(f"%{b:02X}" for b in c.encode()) for c in target)
    region = chance.choice(REGIONS)
    # Since the first day of 2015, to the second.
    time = datetime(2015, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=chance.randrange(20 * 365 * 86400))
    return SignedRequest(
        method=chance.choice(METHODS),
        target=target,
        headers=tuple(_headers(chance, region, is_plain)),
        body=b"" if chance.random() < 0.3 else chance.randbytes(chance.choice((1, 63, 64, 65, 1000))),
        region=region,
        service="lambda",
        access_key="AKID" + _text(chance, string.ascii_uppercase + string.digits, 12, 16),
        secret_key=_text(chance, string.ascii_letters + string.digits + "+/", 40, 40),
        session_token=_text(chance, string.ascii_letters + "+/=", 20, 300) if chance.random() < 0.5 else None,
        time=time,
        signs_all=chance.random() < 0.5,
    )


def _text(chance: random.Random, letters: str, least: int, most: int) -> str:
    return "".join(chance.choice(letters) for _ in range(chance.randint(least, most)))


def _path(chance: random.Random) -> str:
    if chance.random() < 0.1:
        return "/"
    segments = []
    for _ in range(chance.randint(1, 6)):
        kind = chance.random()
        if kind < 0.4:
            segments.append(chance.choice(WORDS))
        elif kind < 0.8:
            segments.append(chance.choice(SEGMENTS))
        else:
            segments.append(_text(chance, LEFT_ALONE, 1, 8))
    return "/" + "/".join(segments) + chance.choice(("", "", "/", "//", "/.", "/.."))


def _query(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.3:
        return ""
    if kind < 0.35:
        return "?"
    keys = [chance.choice(("", "a", "A", "a-b", "ä", "%C3%A4", "k%20", "+", "b", *VALUES[:4])) for _ in range(3)]
    pairs = []
    for _ in range(chance.randint(1, 6)):
        key = chance.choice(keys)
        value = chance.choice(VALUES) if chance.random() < 0.7 else _text(chance, LEFT_ALONE, 0, 6)
        # With and without "=", and now and then nothing at all between two "&".
        pairs.append(chance.choice((key, f"{key}={value}", f"{key}={value}", f"{key}={value}", "")))
    return "?" + "&".join(pairs)


def _headers(chance: random.Random, region: str, is_plain: bool) -> Iterator[tuple[str, str]]:
    yield _cased(chance, "host"), f"{_text(chance, string.ascii_lowercase, 4, 12)}.lambda-url.{region}.on.aws"
    for _ in range(chance.randint(0, 5)):
        name = chance.choice((
            "accept", "content-type", "x-trace-id", "x-tidewire-authorization", "cookie", "x-amz-meta-a",
            "x-amz-source-account", "x-amz-z", "a", "a-b", "zz", *NEVER_SIGNED[1:],
        ))
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            yield _cased(chance, name), _value(chance, is_plain)
    if chance.random() < 0.2:
        yield "Authorization", "Bearer something-else"
    # What a signer has to replace.
    if chance.random() < 0.1:
        yield "X-Amz-Date", "19990101T000000Z"


def _value(chance: random.Random, is_plain: bool) -> str:
    spaces = SPACES if is_plain else SPACES + UNICODE_SPACES
    words = ("a", "b, c", '"x  y"', "=", "é", "日本", ",")
    parts = []
    for _ in range(chance.randint(0, 4)):
        parts += [chance.choice(words), chance.choice(spaces)]
    text = "".join(parts) if is_plain else chance.choice(("", *spaces)) + "".join(parts)
    return text.encode("ascii", "ignore").decode().strip() if is_plain else text


def _cased(chance: random.Random, name: str) -> str:
    return chance.choice((name, name.title(), name.upper()))

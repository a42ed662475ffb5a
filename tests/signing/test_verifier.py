"""The verifier of tests/sigv4-verifier, judged by botocore's signatures and AWS's published vectors.

botocore signs generated requests. Each must be accepted as it is, and refused after any one change.
"""

from __future__ import annotations

import base64
import copy
import dataclasses
import hashlib
import json
import os
import random
import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Callable, Iterator, Optional
from urllib.parse import parse_qsl

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from signing import vectors
from signing.requests import UNICODE_SPACES, SignedRequest, generate

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("VERIFY_LINES", str(ROOT / "target" / "debug" / "verify-lines"))

INCOMPLETE = "IncompleteSignatureException"
INVALID = "InvalidSignatureException"
UNRECOGNIZED = "UnrecognizedClientException"
MISMATCH = "The request signature we calculated does not match"

VECTORS = {vector.name: vector for vector in vectors.read()}
# Vectors that a function URL refuses, by its rules beyond the signature, with how the refusal reads.
REFUSED = {
    # Lambda asks for the hash of every body in a header; the suite is older.
    "post-x-www-form-urlencoded": "there is a body and no x-amz-content-sha256",
    "post-x-www-form-urlencoded-parameters": "there is a body and no x-amz-content-sha256",
    # The token was added once the request was signed, as few services ask for.
    "post-sts-token/post-sts-header-after": "x-amz-security-token is not signed",
}


def verify(lines: list[dict]) -> list[dict]:
    """The verifier's verdicts."""
    told = subprocess.run(
        [BINARY],
        input="".join(json.dumps(line) + "\n" for line in lines),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    verdicts = [json.loads(verdict) for verdict in told.stdout.splitlines()]
    assert len(verdicts) == len(lines)
    return verdicts


class Signer(botocore.auth.SigV4Auth):
    """botocore's signer, which also signs as little as CloudFront does."""

    def __init__(self, request: SignedRequest):
        credentials = Credentials(request.access_key, request.secret_key, request.session_token)
        super().__init__(credentials, request.service, request.region)
        self.signs_all = request.signs_all

    def headers_to_sign(self, request):
        headers = super().headers_to_sign(request)
        for name in set(headers):
            if not (self.signs_all or name == "host" or name.startswith("x-amz-")):
                del headers[name]
        return headers


def signed(request: SignedRequest) -> dict:
    """The line of a request that botocore has signed."""
    path, _, query = request.target.partition("?")
    # botocore takes a query in a URL for canonical; it encodes and sorts parameters.
    parameters = parse_qsl(query, keep_blank_values=True, errors="strict")
    signing = AWSRequest(request.method, f"https://{request.host}{path}", params=parameters)
    for name, value in request.headers:
        signing.headers[name] = value
    if request.body:
        signing.headers["X-Amz-Content-SHA256"] = request.payload_hash
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda: request.time)
        Signer(request).add_auth(signing)
    return {
        "method": request.method,
        "path": path,
        "query": query,
        "headers": [[name.lower(), value] for name, value in signing.headers.items()],
        "body_sha256": request.payload_hash,
        "now": int(request.time.timestamp()),
        "region": request.region,
        "service": request.service,
        "credentials": {
            request.access_key: {
                "secret_access_key": request.secret_key,
                "session_token": request.session_token,
            }
        },
    }


def requests() -> Iterator[SignedRequest]:
    for request in generate(1200):
        try:
            parse_qsl(request.target.partition("?")[2], errors="strict")
        except UnicodeDecodeError:
            continue  # botocore signs text alone.
        # botocore takes these for white space, and no one else does.
        spaces = str.maketrans(dict.fromkeys(UNICODE_SPACES, " "))
        headers = tuple((name, value.translate(spaces)) for name, value in request.headers)
        yield dataclasses.replace(request, headers=headers)


@pytest.fixture(scope="module")
def lines() -> list[dict]:
    lines = [signed(request) for request in requests()]
    assert len(lines) >= 1000
    return lines


def header(line: dict, name: str) -> Optional[str]:
    return next((value for its, value in line["headers"] if its == name), None)


def change(line: dict, name: str, to: Callable[[str], str]) -> bool:
    """Changes the header's first value. Says whether there was one that is now another."""
    for header in line["headers"]:
        if header[0] == name:
            before, header[1] = header[1], to(header[1])
            return header[1] != before
    return False


def signed_headers(line: dict) -> list[str]:
    return re.search(r"SignedHeaders=([^,]*)", header(line, "authorization"))[1].split(";")


def changed_scope(at: int, to: str) -> Callable[[dict], bool]:
    def mutate(line: dict) -> bool:
        def rescoped(authorization: str) -> str:
            credential = re.search(r"Credential=([^,]*)", authorization)[1]
            parts = credential.split("/")
            parts[at] = to
            return authorization.replace(credential, "/".join(parts))

        return change(line, "authorization", rescoped)

    return mutate


def put(member: str, to: Callable) -> Callable[[dict], bool]:
    def mutate(line: dict) -> bool:
        line[member] = to(line[member])
        return True

    return mutate


def set_header(name: str, to: Callable[[str], str]) -> Callable[[dict], bool]:
    return lambda line: change(line, name, to)


def some_signed_header(line: dict, but: tuple[str, ...]) -> Optional[str]:
    """One of the signed headers, always the same of one request."""
    names = [name for name in signed_headers(line) if name not in but]
    return random.Random(header(line, "authorization")).choice(names) if names else None


SPECIAL = ("host", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256")


def another_value(line: dict) -> bool:
    return change(line, some_signed_header(line, SPECIAL), lambda value: value + "!")


def without_a_header(line: dict) -> bool:
    name = some_signed_header(line, SPECIAL)
    line["headers"] = [header for header in line["headers"] if header[0] != name]
    return name is not None


def unsign(name: Optional[str]) -> Callable[[dict], bool]:
    def mutate(line: dict) -> bool:
        dropped = name or some_signed_header(line, ("host",))
        kept = ";".join(its for its in signed_headers(line) if its != dropped)
        return change(line, "authorization", lambda it: re.sub("SignedHeaders=[^,]*", f"SignedHeaders={kept}", it))

    return mutate


def add_header(name: str, value: str) -> Callable[[dict], bool]:
    def mutate(line: dict) -> bool:
        line["headers"].append([name, value])
        return True

    return mutate


def repeat(name: str) -> Callable[[dict], bool]:
    return lambda line: header(line, name) is not None and add_header(name, header(line, name))(line)


def flip_a_bit(authorization: str) -> str:
    start, signature = authorization.rsplit("=", 1)
    bit = 1 << random.Random(signature).randrange(256)
    return f"{start}={int(signature, 16) ^ bit:064x}"


def upper_case_signature(authorization: str) -> str:
    start, signature = authorization.rsplit("=", 1)
    return f"{start}={signature.upper()}"


def a_second_more(date: str) -> str:
    seconds = (int(date[13:15]) + 1) % 60
    return f"{date[:13]}{seconds:02}Z"


def other_credential(member: str) -> Callable[[dict], bool]:
    def mutate(line: dict) -> bool:
        for secret in line["credentials"].values():
            secret[member] = (secret[member] or "") + "x"
        return True

    return mutate


def without_authorization(line: dict) -> bool:
    line["headers"] = [header for header in line["headers"] if header[0] != "authorization"]
    return True


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# What is changed; how; the error, and what AWS's message begins with.
CHANGES = {
    "method": (put("method", lambda method: "PUT" if method == "POST" else "POST"), INVALID, MISMATCH),
    "path": (put("path", lambda path: path + "x"), INVALID, MISMATCH),
    "query": (put("query", lambda query: query + "&z9=1"), INVALID, MISMATCH),
    "host": (set_header("host", lambda host: "x" + host), INVALID, MISMATCH),
    "a header's value": (another_value, INVALID, MISMATCH),
    "a header taken away": (without_a_header, INVALID, MISMATCH),
    "a header of AWS added": (add_header("x-amz-added", "1"), INVALID, MISMATCH),
    "a header not signed": (unsign(None), INVALID, MISMATCH),
    "host not signed": (unsign("host"), INVALID, "'Host' or ':authority' must be a 'SignedHeader'"),
    "body": (put("body_sha256", lambda hash: sha256(hash)), INVALID, MISMATCH),
    "unsigned payload": (set_header("x-amz-content-sha256", lambda _: "UNSIGNED-PAYLOAD"), INVALID, MISMATCH),
    "upper-cased hash": (set_header("x-amz-content-sha256", str.upper), INVALID, MISMATCH),
    "two hashes": (repeat("x-amz-content-sha256"), INCOMPLETE, ""),
    "seen too late": (put("now", lambda now: now + 301), INVALID, "Signature expired: "),
    "seen too early": (put("now", lambda now: now - 301), INVALID, "Signature not yet current: "),
    "time": (set_header("x-amz-date", a_second_more), INVALID, MISMATCH),
    "two times": (repeat("x-amz-date"), INCOMPLETE, ""),
    "day of the scope": (changed_scope(1, "20141231"), INVALID, "Date in Credential scope does not match"),
    "region of the scope": (changed_scope(2, "x"), INVALID, "Credential should be scoped to a valid region, not 'x'"),
    "service of the scope": (changed_scope(3, "s3"), INVALID, "Credential should be scoped to correct service: 'lambda'"),
    "end of the scope": (changed_scope(4, "aws5_request"), INVALID, ""),
    "region of the URL": (put("region", lambda _: "x"), INVALID, "Credential should be scoped to a valid region, not '"),
    "service of the URL": (put("service", lambda _: "s3"), INVALID, "Credential should be scoped to correct service: 's3'"),
    "token": (set_header("x-amz-security-token", lambda it: it + "x"), UNRECOGNIZED, "The security token included"),
    "token of the credential": (other_credential("session_token"), UNRECOGNIZED, "The security token included"),
    "access key": (changed_scope(0, "AKIDNOBODY"), UNRECOGNIZED, "The security token included"),
    "secret": (other_credential("secret_access_key"), INVALID, MISMATCH),
    "a bit of the signature": (set_header("authorization", flip_a_bit), INVALID, MISMATCH),
    "upper-cased signature": (set_header("authorization", upper_case_signature), INVALID, MISMATCH),
    "algorithm": (set_header("authorization", lambda it: it.replace("SHA256 ", "SHA512 ")), INCOMPLETE, ""),
    "two signatures": (repeat("authorization"), INCOMPLETE, ""),
    "no signature": (without_authorization, "AccessDeniedException", "Forbidden"),
}
# These change no more than what is canonical already.
SAME = {
    "order of parameters": put("query", lambda query: "&".join(reversed(query.split("&")))),
    "doubled slashes": put("path", lambda path: path.replace("/", "//")),
    "a segment that goes nowhere": put("path", lambda path: "/nowhere/.." + path),
    "spaces around a value": set_header("host", lambda host: f" {host}  "),
    "a header that is not signed": add_header("user-agent", "curl"),
    "order of headers": put("headers", lambda headers: sorted(headers, key=lambda header: header[0])),
    "five minutes late": put("now", lambda now: now + 300),
    "five minutes early": put("now", lambda now: now - 300),
}


def changed(lines: list[dict], mutate: Callable[[dict], bool]) -> list[dict]:
    """The lines that can be changed so, changed."""
    copies = copy.deepcopy(lines)
    return [line for line in copies if mutate(line)]


def test_what_botocore_signs_is_accepted(lines):
    for line, verdict in zip(lines, verify(lines)):
        assert verdict == {
            "access_key_id": next(iter(line["credentials"])),
            "signed_headers": signed_headers(line),
        }, line


@pytest.mark.parametrize("what", CHANGES)
def test_one_change_is_refused(lines, what):
    mutate, error_type, beginning = CHANGES[what]
    mutated = changed(lines, mutate)
    assert len(mutated) > 100
    for line, verdict in zip(mutated, verify(mutated)):
        # Bytes that HTTP forbids are none of these requests.
        assert (verdict.get("status"), verdict.get("error_type")) == (403, error_type), (verdict, line)
        body = json.loads(verdict["body"])
        assert list(body) == ["Message" if what == "no signature" else "message"]
        assert next(iter(body.values())).startswith(beginning), verdict


@pytest.mark.parametrize("what", SAME)
def test_another_spelling_is_accepted(lines, what):
    mutated = changed(lines, SAME[what])
    assert len(mutated) >= 1000
    for line, verdict in zip(mutated, verify(mutated)):
        assert "access_key_id" in verdict, (verdict, line)


def test_no_answer_holds_a_secret(lines):
    for mutate, _, _ in CHANGES.values():
        some = changed(lines[:50], mutate)
        for line, verdict in zip(some, verify(some)):
            (secret,) = line["credentials"].values()
            token = header(line, "x-amz-security-token") or secret["secret_access_key"]
            answer = json.dumps(verdict)
            assert secret["secret_access_key"] not in answer and token not in answer


def test_a_date_header_does_as_well():
    """botocore keeps to `Date` where a request has one, and writes it in HTTP's format."""
    lines = []
    for request in generate(100, seed=2):
        headers = tuple(header for header in request.headers if header[0].lower() != "x-amz-date")
        dated = dataclasses.replace(request, headers=(*headers, ("Date", "")), target="/", signs_all=True)
        spaceless = [(name, " ".join(value.split())) for name, value in dated.headers]
        line = signed(dataclasses.replace(dated, headers=tuple(spaceless)))
        assert header(line, "x-amz-date") is None and header(line, "date").endswith("-0000")
        lines.append(line)
    assert all("access_key_id" in verdict for verdict in verify(lines))
    late = int(timedelta(minutes=6).total_seconds())
    mutated = changed(lines, put("now", lambda now: now + late))
    assert all(json.loads(v["body"])["message"].startswith("Signature expired") for v in verify(mutated))


def line_of(vector: vectors.Vector) -> dict:
    given = vector.as_json()
    path, _, query = given["target"].partition("?")
    added = [["x-amz-date", given["time"]], ["authorization", vector.authorization]]
    if vector.session_token:
        added.append(["x-amz-security-token", vector.session_token])
    return {
        "method": given["method"],
        "path": path,
        "query": query,
        "headers": [[name.lower(), value] for name, value in given["headers"]] + added,
        "body_sha256": hashlib.sha256(base64.b64decode(given["body_base64"])).hexdigest(),
        "now": 1440938160,
        "region": vectors.REGION,
        "service": vectors.SERVICE,
        "credentials": {
            vectors.ACCESS_KEY: {
                "secret_access_key": vectors.SECRET_KEY,
                "session_token": vector.session_token,
            }
        },
    }


@pytest.mark.parametrize("name", [name for name in VECTORS if name not in REFUSED])
def test_a_vector_of_aws_is_accepted(name):
    line = line_of(VECTORS[name])
    bent = copy.deepcopy(line)
    assert change(bent, "authorization", flip_a_bit)
    accepted, refused = verify([line, bent])
    assert accepted == {"access_key_id": vectors.ACCESS_KEY, "signed_headers": signed_headers(line)}
    assert refused.get("error_type") == INVALID


@pytest.mark.parametrize("name", REFUSED)
def test_a_vector_that_no_function_url_takes_is_refused(name):
    (verdict,) = verify([line_of(VECTORS[name])])
    assert verdict["refusal"] == REFUSED[name]


def test_the_vectors_are_all_there():
    assert len(VECTORS) == 34 and set(REFUSED) < set(VECTORS)

"""Our signer against AWS's vectors, and against botocore's signer on requests of any kind."""

from __future__ import annotations

import json
import os
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Iterable
from unittest import mock
from urllib.parse import quote

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from signing import requests, vectors

ROOT = Path(__file__).resolve().parents[2]
SIGN_LINES = os.environ.get("SIGN_LINES", str(ROOT / "target/debug/sign-lines"))
VECTORS = {vector.name: vector for vector in vectors.read()}
# 3 000 requests, in the parts that a failure is found in.
PARTS = 30
REQUESTS = 100


def sign(requests_: Iterable[dict]) -> list[dict]:
    """What our signer makes of each."""
    lines = "".join(json.dumps(request) + "\n" for request in requests_)
    done = subprocess.run([SIGN_LINES], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@lru_cache(maxsize=None)
def signed_vectors() -> dict[str, dict]:
    return dict(zip(VECTORS, sign(vector.as_json() for vector in VECTORS.values())))


@pytest.mark.parametrize("name", [name for name in VECTORS if name not in vectors.NOT_APPLICABLE])
def test_a_vector_of_aws(name):
    vector = VECTORS[name]
    signed = signed_vectors()[name]
    assert signed.get("authorization") == vector.authorization, (signed, vector.canonical_request)
    assert signed.get("x-amz-security-token") == vector.session_token


@pytest.mark.parametrize("name", vectors.NOT_APPLICABLE)
def test_a_vector_that_does_not_apply_is_refused(name):
    assert "invalid uri" in signed_vectors()[name]["error"]


def test_the_suite_is_whole():
    assert len(VECTORS) == 34
    assert set(vectors.NOT_APPLICABLE) < set(VECTORS)


def botocore_authorization(request: requests.SignedRequest) -> str:
    """What botocore's signer makes of a request as it stands on the wire."""
    path, mark, query = request.target.partition("?")
    # botocore signs a query as it comes, also what no URI may hold, which AWS has encoded
    # (vector get-vanilla-utf8-query). Its own URLs never hold that.
    encoded = "".join(c if c.isascii() else quote(c) for c in query)
    signed = AWSRequest(method=request.method, url=f"https://{request.host}{path}{mark}{encoded}", data=request.body)
    for name, value in request.headers:
        if request.signs_all or name.lower() == "host" or name.lower().startswith("x-amz-"):
            signed.headers[name] = value
    signed.headers["X-Amz-Content-SHA256"] = request.payload_hash
    credentials = Credentials(request.access_key, request.secret_key, request.session_token)
    with mock.patch("botocore.auth.get_current_datetime", return_value=request.time):
        botocore.auth.SigV4Auth(credentials, request.service, request.region).add_auth(signed)
    return signed.headers["Authorization"]


@pytest.mark.parametrize("part", range(PARTS))
def test_botocore_signs_the_same(part):
    sent = list(requests.generate(REQUESTS, seed=part))
    for request, signed in zip(sent, sign(request.as_json() for request in sent)):
        assert signed.get("authorization") == botocore_authorization(request), (request, signed)
        assert signed["x-amz-date"] == request.amz_date
        assert signed["x-amz-content-sha256"] == request.payload_hash
        assert signed.get("x-amz-security-token") == request.session_token


def test_the_requests_are_odd_and_always_the_same():
    sent = list(requests.generate(PARTS * REQUESTS))
    assert sent == list(requests.generate(PARTS * REQUESTS))
    assert len(set(sent)) == len(sent)
    queries = [request.target.partition("?")[2] for request in sent]
    for is_odd in (
        lambda request, query: "//" in request.target.partition("?")[0],
        lambda request, query: "/../" in request.target,
        lambda request, query: "%2F" in request.target,
        lambda request, query: not request.target.isascii(),
        lambda request, query: "+" in query,
        lambda request, query: "&&" in query,
        lambda request, query: any(pair.startswith("=") for pair in query.split("&")),
        lambda request, query: len(set(pairs := query.split("&"))) < len(pairs),
        lambda request, query: any("\t" in value for _, value in request.headers),
        lambda request, query: len({name.lower() for name, _ in request.headers}) < len(request.headers),
        lambda request, query: request.is_plain,
        lambda request, query: not request.is_plain,
    ):
        assert sum(is_odd(*both) for both in zip(sent, queries)) >= 50

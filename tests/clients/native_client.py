"""The native API, spoken with Python's standard library alone."""

import hashlib
import http.client
import json
from contextlib import contextmanager
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 30
METHODS_WITH_BODY = ("POST", "PUT", "PATCH")


class NativeClient:
    """A client of `/api` with a key."""

    def __init__(self, url, key):
        self.address = urlsplit(url).netloc
        self.key = key

    @contextmanager
    def request(self, method, path, body=None, **headers):
        """Sends a request. Gives its response, and closes the connection afterwards."""
        connection = http.client.HTTPConnection(self.address, timeout=TIMEOUT_SECONDS)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key:
            sent["Authorization"] = f"Bearer {self.key}"
        if body is not None:
            sent["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        if method in METHODS_WITH_BODY:
            # CloudFront signs what it sends to a function URL, and leaves this much to the client.
            sent["x-amz-content-sha256"] = hashlib.sha256(body or b"").hexdigest()
        try:
            connection.request(method, path, body, sent)
            yield connection.getresponse()
        finally:
            connection.close()

    def call(self, method, path, body=None, **headers):
        """The status and the JSON of a response."""
        with self.request(method, path, body, **headers) as response:
            text = response.read()
            return response.status, json.loads(text) if text else None

    def conversation(self, **fields):
        """The id of a new conversation."""
        status, made = self.call("POST", "/api/conversations", fields)
        assert status == 201, made
        return made["id"]

    def turn(self, conversation, text, **headers):
        """The response that streams a new turn."""
        path = f"/api/conversations/{conversation}/turns"
        return self.request("POST", path, {"text": text}, **headers)

    def events(self, turn, **headers):
        """The response that streams a turn from where the headers say."""
        return self.request("GET", f"/api/turns/{turn}/events", **headers)


def read_events(response):
    """The events of a stream as (number, type, data), as they come."""
    assert response.status == 200, response.read()
    event = {}
    for line in response:
        line = line.decode().rstrip("\n")
        if not line:
            if event:
                number = int(event["id"]) if "id" in event else None
                yield number, event["event"], json.loads(event["data"])
            event = {}
        elif not line.startswith(":"):
            field, _, value = line.partition(": ")
            event[field] = value


def text_of(events):
    """The text of an answer."""
    return "".join(data["text"] for _, kind, data in events if kind == "text_delta")

#!/usr/bin/env python3
"""Measures a deployed Tidewire from outside: does anything on the way hold tokens back?

    TIDEWIRE_KEY=tw_… python3 tests/load/deployed.py --url https://d111111abcdef8.cloudfront.net

Asks the model for streamed answers through /v1/chat/completions and looks at when pieces arrive. The
Lambda Web Adapter leaves Nagle's algorithm on: if Lambda's side delays acknowledgements as Linux does,
the first token of an answer comes about 40 ms after its head, or with the second one; if it
acknowledges at once, the two come together. The model's own time to the first token stands between,
so ask a model that answers at once: `offline`.

Only Python's standard library is needed. It makes so many requests as told, and each costs what an
answer of the model costs.
"""

import argparse
import http.client
import json
import os
import sys
import time
from urllib.parse import urlsplit

# From here to there a first token was held until an acknowledgement that Linux delays by 40 ms.
STALL_MS = (35.0, 60.0)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True, help="where the service is, such as https://….cloudfront.net")
    parser.add_argument("--model", default="offline", help="the model to ask (default: offline)")
    parser.add_argument("--requests", type=int, default=30, help="how many answers (default: 30)")
    parser.add_argument("--prompt", default="How do I connect Tidewire to Bedrock?")
    return parser.parse_args()


def connect(url):
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    return kind(url.netloc, timeout=130)


def ask(url, key, body):
    """The moments of one answer, in ms since it was asked: its head, and each of its pieces."""
    connection = connect(url)
    connection.connect()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    began = time.perf_counter()
    elapsed = lambda: (time.perf_counter() - began) * 1000
    connection.request("POST", "/v1/chat/completions", body, headers)
    response = connection.getresponse()
    head = elapsed()
    if response.status != 200:
        sys.exit(f"{url.geturl()} answers {response.status}: {response.read(500).decode(errors='replace')}")
    tokens = []
    while piece := response.read1():
        tokens += [elapsed()] * piece.count(b'"content":')
    connection.close()
    if not tokens:
        sys.exit(f"{url.geturl()} ended an answer without a token")
    return head, tokens


def quantile(values, share):
    ordered = sorted(values)
    return ordered[round((len(ordered) - 1) * share)]


def line(name, values):
    shown = ", ".join(f"{label} {quantile(values, share):.1f}" for label, share in (("p50", 0.5), ("p90", 0.9), ("max", 1)))
    print(f"{name:<34} {shown} ms")


def main():
    arguments = parse_arguments()
    key = os.environ.get("TIDEWIRE_KEY")
    if not key:
        sys.exit("set TIDEWIRE_KEY to a key of the service: a command line would show it to everybody")
    url = urlsplit(arguments.url.rstrip("/"))
    messages = [{"role": "user", "content": arguments.prompt}]
    body = json.dumps({"model": arguments.model, "stream": True, "messages": messages})
    heads, firsts, gaps = [], [], []
    for number in range(arguments.requests + 1):
        head, tokens = ask(url, key, body)
        if number == 0:
            print(f"{'first request, perhaps a cold start':<34} {head:.1f} ms to its head")
            continue
        heads.append(head)
        # The first piece with "content" is the empty one that begins an answer.
        firsts.append((tokens[1] if len(tokens) > 1 else tokens[0]) - head)
        gaps += [later - earlier for earlier, later in zip(tokens, tokens[1:])]
    line("to the head of an answer", heads)
    line("from the head to the first token", firsts)
    line("between two pieces", gaps)
    stalled = sum(STALL_MS[0] <= first <= STALL_MS[1] for first in firsts)
    print(f"{stalled} of {len(firsts)} first tokens came {STALL_MS[0]:.0f} to {STALL_MS[1]:.0f} ms after the head:")
    if stalled * 4 >= len(firsts):
        print("they are held back by Nagle's algorithm. Try server.front = lambda, without the adapter,")
        print("and compare; lambda_runtime leaves Nagle's algorithm on too.")
    else:
        print("nothing holds them back.")


if __name__ == "__main__":
    main()

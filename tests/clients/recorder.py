"""An OpenAI-compatible server that keeps what it is asked, and notices when its client goes.

Tests in other processes ask it for `GET /requests` and `GET /departures`: each answers with the next
one, once it is there.
"""

import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Longer than anything here takes, shorter than anybody's patience.
PATIENCE_SECONDS = 15


class Recorder:
    """Answers `recorded`. Asked to `hold`, it says `held` and then nothing until its client goes; asked
    to `call twice`, it calls two tools at once, in pieces.
    """

    def __init__(self):
        self.requests = queue.Queue()
        self.departures = queue.Queue()
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                recorder.requests.put(body)
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.end_headers()
                asked = body["messages"][-1]["content"]
                if asked == "hold":
                    self.say({"content": "held"}, None)
                    if self.rfile.read(1) == b"":
                        recorder.departures.put(body)
                    return
                if asked == "call twice":
                    for index, name in enumerate(["first", "second"]):
                        function = {"name": name, "arguments": '{"number"'}
                        call = {"id": f"call_{name}", "type": "function", "function": function}
                        self.say({"tool_calls": [{"index": index, **call}]}, None)
                        more = {"arguments": f": {index + 1}}}"}
                        self.say({"tool_calls": [{"index": index, "function": more}]}, None)
                    self.say({}, "tool_calls")
                else:
                    self.say({"content": "recorded"}, None)
                    self.say({}, "stop")
                self.wfile.write(b"data: [DONE]\n\n")

            def do_GET(self):
                wait = {"/requests": recorder.request, "/departures": recorder.departure}[self.path]
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(wait()).encode())

            def say(self, delta, finish_reason):
                choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
                self.wfile.write(b"data: %s\n\n" % json.dumps({"choices": [choice]}).encode())

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._serving = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def base_url(self):
        """What Tidewire is given."""
        return f"{self.url}/v1"

    def forget(self):
        """Forgets what earlier tests left."""
        for kept in (self.requests, self.departures):
            while not kept.empty():
                kept.get_nowait()

    def request(self):
        """The next request that came."""
        return self.requests.get(timeout=PATIENCE_SECONDS)

    def departure(self):
        """Waits until a client has gone in the middle of an answer."""
        return self.departures.get(timeout=PATIENCE_SECONDS)

    def __enter__(self):
        self._serving.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._serving.join()

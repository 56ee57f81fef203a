"""An HR system on this machine: it records once a key, and answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Hr:
    """What came, as headers and body; what is recorded, by key; the status that is answered, and with which body."""

    def __init__(self) -> None:
        self.status = 201
        self.body: bytes | None = None
        self.came: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.recorded: dict[str, str] = {}
        self.asked = 0
        self.address = ""

    def take(self, headers: dict[str, str], body: dict[str, Any]) -> bytes:
        """Return the answer; a key that is known is answered as the first time."""
        self.came.append((headers, body))
        if self.status >= 300:
            return b""
        number = self.recorded.setdefault(headers["idempotency-key"], f"LOA-{4711 + len(self.recorded)}")
        return json.dumps({"record": {"number": number}}).encode()


@contextmanager
def recording() -> Iterator[Hr]:
    """Listen on a free port until the end."""
    hr = Hr()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            answer = hr.take({name.lower(): value for name, value in self.headers.items()}, body)
            self._say(answer if hr.body is None else hr.body)

        def do_GET(self) -> None:
            hr.asked += 1
            self._say(b"")

        def _say(self, content: bytes) -> None:
            self.send_response(hr.status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    hr.address = f"http://127.0.0.1:{server.server_address[1]}/records"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield hr
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

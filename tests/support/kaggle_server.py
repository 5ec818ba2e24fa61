"""A small Kaggle on loopback: the requests that its client makes, and how it may refuse them.

The client signs in with a token (IntrospectToken) or with a user and key (basic authentication),
asks for a data set (DownloadDataset), and is sent on to the place where the archive lies, which
serves parts of it.
"""

import base64
import contextlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN, USER, KEY = "KGAT_0123456789", "somebody", "0123456789abcdef"
API = "/v1/datasets.DatasetApiService/DownloadDataset"
SIGN_IN = "/v1/security.OAuthService/IntrospectToken"


@dataclass
class KaggleServer:
    """What the server has, what it was asked, and how it misbehaves.

    Attributes:
        datasets: OWNER/DATASET → archive.
        status: of the answer to every download request; 200 is the real thing.
        longest_transfer: bytes after which the connection is cut.
        ranges: the Range header of each request for an archive's content.
        who: how each download request was signed.
    """

    datasets: dict[str, bytes] = field(default_factory=dict)
    status: int = 200
    longest_transfer: int | None = None
    ranges: list[str | None] = field(default_factory=list)
    who: list[str] = field(default_factory=list)

    def __enter__(self) -> "KaggleServer":
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                server.answer(self)

            def do_GET(self) -> None:
                server.send_archive(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        request = json.loads(to.rfile.read(int(to.headers["Content-Length"])))
        if to.path == SIGN_IN:
            is_known = request["token"] == TOKEN
            self._send(to, 200, {"active": is_known, "username": USER if is_known else ""})
        elif to.path != API:
            self._refuse(to, 404, f"unknown request {to.path}")
        elif self.status != 200:
            self._refuse(to, self.status, "as the test wants it")
        elif not self._is_signed(to):
            self._refuse(to, 401, "Unauthenticated")
        else:
            self._send_on(to, f"{request['ownerSlug']}/{request['datasetSlug']}")

    def send_archive(self, to: BaseHTTPRequestHandler) -> None:
        content = self.datasets[to.path.removeprefix("/storage/").removesuffix("/archive.zip")]
        tag = f'"{hash(content)}"'
        asked = to.headers.get("Range")
        self.ranges.append(asked)
        start = 0
        if asked and to.headers.get("If-Range") == tag:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        to.send_response(206 if start else 200)
        to.send_header("Content-Type", "application/zip")
        to.send_header("Content-Length", str(len(content) - start))
        to.send_header("Accept-Ranges", "bytes")
        to.send_header("ETag", tag)
        to.send_header("Last-Modified", "Wed, 01 Jan 2020 00:00:00 GMT")
        if start:
            to.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        to.end_headers()
        end = None if self.longest_transfer is None else start + self.longest_transfer
        with contextlib.suppress(ConnectionError):  # a client whose disk is full goes away
            to.wfile.write(content[start:end])
        to.close_connection = True

    def _send_on(self, to: BaseHTTPRequestHandler, dataset: str) -> None:
        if dataset not in self.datasets:
            self._refuse(to, 404, "Not found")
            return
        to.send_response(302)
        to.send_header("Location", f"{self.address}/storage/{dataset}/archive.zip")
        to.send_header("Content-Length", "0")
        to.end_headers()

    def _is_signed(self, to: BaseHTTPRequestHandler) -> bool:
        signed = to.headers.get("Authorization", "")
        basic = base64.b64encode(f"{USER}:{KEY}".encode()).decode()
        known = {f"Bearer {TOKEN}": "token", f"Basic {basic}": "key"}
        if signed in known:
            self.who.append(known[signed])
        return signed in known

    def _refuse(self, to: BaseHTTPRequestHandler, status: int, message: str) -> None:
        self._send(to, status, {"code": status, "message": message})

    def _send(self, to: BaseHTTPRequestHandler, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        to.send_response(status)
        to.send_header("Content-Type", "application/json")
        to.send_header("Content-Length", str(len(body)))
        to.end_headers()
        to.wfile.write(body)

"""A host of files on loopback: as a plain one is, and as a hostile one may be."""

import hashlib
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class FileHost:
    """Files by path. Each is told by its ETag; what is no longer there is 404."""

    port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    asked: Counter[tuple[str, int]] = field(default_factory=Counter)
    """How often each path was answered with which status."""
    down: bool = False

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def file_host() -> Iterator[FileHost]:
    host = FileHost()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = host.files.get(self.path)
            etag = f'"{hashlib.sha256(content or b"").hexdigest()}"'
            same = content is not None and self.headers.get("If-None-Match") == etag
            status = 503 if host.down else 404 if content is None else 304 if same else 200
            host.asked[self.path, status] += 1
            self.send_response(status)
            if status == 200:
                self.send_header("ETag", etag)
                self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            if status == 200:
                self.wfile.write(content or b"")

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@contextmanager
def raw_host(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """Whatever `answer` does with each connection, once a request has come; its port."""
    server = socket.create_server(("127.0.0.1", 0))

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            answer(connection)

    def listen() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                threading.Thread(target=one, args=[connection], daemon=True).start()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(10)

#!/usr/bin/env python3
"""Repositories over HTTP: git http-backend behind a server of the library.

git-http.py <folder>

Serves every repository below the folder, for reading and writing; what lies in
its folder "locked" only to the user "ada" with the password "right".  Prints
the port it listens on, on 127.0.0.1, and serves until standard input ends.

A repository's own hooks/before-fetch runs, as its name says, in it; never
while a push is received.

The words in <folder>/faults are used up one by one, each by a push:

cut-before   the connection ends, and git never hears of the request
cut-after    the work is done, then the connection ends without an answer
cut-inside   half of the answer comes
503, 429, …  answered so, and nothing is done
pass         nothing is wrong
"""
import base64
import contextlib
import http.server
import os
import subprocess
import sys
import threading

ROOT = os.path.abspath(sys.argv[1])
KEY = "Basic " + base64.b64encode(b"ada:right").decode()
LOCK = threading.Lock()
RECEIVING = threading.Lock()


def next_fault():
    """The first word of the file, which loses it."""
    path = os.path.join(ROOT, "faults")
    with LOCK:
        try:
            with open(path, encoding="ascii") as file:
                lines = file.read().split()
        except FileNotFoundError:
            return "pass"
        with open(path, "w", encoding="ascii") as file:
            file.write("\n".join(lines[1:]))
        return lines[0] if lines else "pass"


class Handler(http.server.BaseHTTPRequestHandler):
    """One request after the other on a connection."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """The log belongs to nobody."""

    def body(self):
        """Everything that was sent, also in chunks."""
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        whole = b""
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            whole += self.rfile.read(size)
            self.rfile.readline()
            if not size:
                return whole

    def environment(self, path, query):
        """What RFC 3875 and git-http-backend(1) name."""
        given = {
            "GIT_PROJECT_ROOT": ROOT,
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": "ada",
            "REMOTE_ADDR": "127.0.0.1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        return dict(os.environ, **given)

    def cut(self):
        """Ends the connection without another word."""
        self.close_connection = True

    def plain(self, status, headers=()):
        """An answer without a body."""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer(self, said, half):
        """A CGI program's output as an answer."""
        head, _, body = said.partition(b"\r\n\r\n")
        fields = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        status = [v for k, v in fields if k.lower() == "status"]
        self.send_response(int(status[0].split()[0]) if status else 200)
        for name, value in fields:
            if name.lower() != "status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if half else body)
        if half:
            self.cut()

    def hook_of(self, path):
        """One that git does not have; None where the repository has none."""
        place = os.path.join(ROOT, os.path.dirname(path).lstrip("/"))
        hook = os.path.join(place, "hooks", "before-fetch")
        return hook if os.access(hook, os.X_OK) else None

    def before_fetch(self, path):
        """Runs it, in the repository."""
        hook = self.hook_of(path.removesuffix("/refs"))
        if hook:
            with RECEIVING:
                place = os.path.dirname(os.path.dirname(hook))
                subprocess.run([hook], cwd=place, check=True)

    def backend(self, path, query, data, push):
        """git's own answer."""
        alone = push and self.hook_of(path)
        with RECEIVING if alone else contextlib.nullcontext():
            return subprocess.run(
                ["git", "http-backend"],
                input=data,
                env=self.environment(path, query),
                stdout=subprocess.PIPE,
                check=False,
            ).stdout

    def serve(self):
        """git's part."""
        data = self.body()
        path, _, query = self.path.partition("?")
        if query == "service=git-upload-pack" and path.endswith("/info/refs"):
            self.before_fetch(path)
        push = self.command == "POST" and path.endswith("/git-receive-pack")
        fault = next_fault() if push else "pass"
        if path.startswith("/locked/"):
            if self.headers.get("Authorization") != KEY:
                realm = [("WWW-Authenticate", 'Basic realm="git"')]
                return self.plain(401, realm)
        if fault == "cut-before":
            return self.cut()
        if fault.isdigit():
            return self.plain(int(fault))
        said = self.backend(path, query, data, push)
        if fault == "cut-after":
            return self.cut()
        return self.answer(said, fault == "cut-inside")

    do_GET = serve
    do_POST = serve


class Server(http.server.ThreadingHTTPServer):
    """Many at once."""

    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, *_):
        """A client that went away is none of our business."""


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # At once: who reads it may close the pipe behind the first bytes.
    os.write(1, b"%d\n" % server.server_address[1])
    sys.stdin.read()

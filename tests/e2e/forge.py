#!/usr/bin/env python3
"""A forge that answers what a file says: forge.py <folder>

<folder>/answers is JSON, "GET /path" to [status, headers, body], read anew for
each request; what is not in it is 404.  Each request becomes a line of
<folder>/asked: method, path, and the token that came with it.  Prints the port
it listens on, on 127.0.0.1, and serves until standard input ends.
"""
import http.server
import json
import os
import sys
import threading

FOLDER = sys.argv[1]


class Handler(http.server.BaseHTTPRequestHandler):
    """One request after the other on a connection."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """The log belongs to nobody."""

    def answer(self):
        """What the file says."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        line = f"{self.command} {self.path}"
        token = self.headers.get("Authorization", "none").split(" ")[-1]
        with open(os.path.join(FOLDER, "asked"), "a", encoding="utf-8") as log:
            log.write(f"{line} {token}\n")
        with open(os.path.join(FOLDER, "answers"), encoding="utf-8") as file:
            answers = json.load(file)
        default = [404, {}, {"message": "Not Found"}]
        status, headers, body = answers.get(line, default)
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = answer


def main():
    """Serves until nobody wants it any more."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
    server.shutdown()


main()

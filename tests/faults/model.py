#!/usr/bin/env python3
"""A model behind Chat Completions that does a phase of lib.bash in two calls.

Prints its port and serves until standard input ends.  Every call takes half a
second and 100,000 tokens of a prompt, whatever was asked.
"""
import http.server
import json
import os
import re
import sys
import threading
import time


def tool_call(text, turn):
    """The file first, then the end."""
    if turn:
        return "finish", {"summary": "The file is there."}
    path = re.search(r"src/[a-z]+\.txt", text).group()
    return "write_file", {"path": path, "content": f"this is {path}\n"}


class Handler(http.server.BaseHTTPRequestHandler):
    """One answer, as a stream."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """The log belongs to nobody."""

    def do_POST(self):
        """Whatever is asked is the next step of the same work."""
        size = int(self.headers["Content-Length"])
        text = self.rfile.read(size).decode()
        said = [m for m in json.loads(text)["messages"] if m["role"] == "tool"]
        name, inputs = tool_call(text, len(said))
        time.sleep(0.5)
        call = {
            "index": 0,
            "id": f"call_{len(said)}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(inputs)},
        }
        usage = {"prompt_tokens": 100000, "completion_tokens": 0,
                 "total_tokens": 100000}
        rows = [
            {"choices": [{"index": 0, "finish_reason": None,
                          "delta": {"role": "assistant",
                                    "tool_calls": [call]}}]},
            {"choices": [{"index": 0, "finish_reason": "tool_calls",
                          "delta": {}}]},
            {"choices": [], "usage": usage},
        ]
        head = {"id": "c", "object": "chat.completion.chunk", "created": 1,
                "model": "half-dollar"}
        body = "".join(
            f"data: {json.dumps(dict(head, **row))}\n\n" for row in rows
        )
        data = (body + "data: [DONE]\n\n").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Server(http.server.ThreadingHTTPServer):
    """Many at once."""

    request_queue_size = 64
    daemon_threads = True


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.write(1, b"%d\n" % server.server_address[1])
sys.stdin.read()

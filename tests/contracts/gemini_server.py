"""A local server that speaks the JSON of Google's public `generateContent`, good, bad, slow or broken."""

import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PROMPT_TOKENS, ANSWER_TOKENS, THOUGHT_TOKENS = 1290, 25, 40


@dataclass(frozen=True)
class Reply:
    """What the server does with one request."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    """Before the first byte."""
    drip_s: float = 0.0
    """Between bytes of the body."""
    cut: int | None = None
    """The connection is reset after so many bytes of the body."""


def says(text: str, finish: str = "STOP", thought: str = "", **options: Any) -> Reply:
    """A candidate with text, as the API sends it."""
    parts = [{"text": thought, "thought": True}] if thought else []
    parts.append({"text": text})
    content = {
        "candidates": [
            {"content": {"parts": parts, "role": "model"}, "finishReason": finish, "index": 0},
        ],
        "usageMetadata": {
            "promptTokenCount": PROMPT_TOKENS,
            "candidatesTokenCount": ANSWER_TOKENS,
            "thoughtsTokenCount": THOUGHT_TOKENS,
            "totalTokenCount": PROMPT_TOKENS + ANSWER_TOKENS + THOUGHT_TOKENS,
            "promptTokensDetails": [{"modality": "IMAGE", "tokenCount": 1032}],
        },
        "modelVersion": "gemini-robotics-er-1.5-preview",
        "responseId": "q1",
    }
    return Reply(body=json.dumps(content).encode(), **options)


def refuses(status: int, name: str, message: str, details: tuple[Any, ...] = (), **options: Any) -> Reply:
    """An error, as the API sends it."""
    error = {"error": {"code": status, "message": message, "status": name, "details": list(details)}}
    return Reply(status, json.dumps(error).encode(), **options)


OVERLOADED = refuses(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")
INTERNAL = refuses(500, "INTERNAL", "An internal error has occurred.")
RESET = Reply(body=b"{}", cut=0)

GOOD_ANSWERS = {
    "Point to": '```json\n[{"point": [416, 335], "label": "red block"}]\n```',
    "Detect": '```json\n[{"box_2d": [357, 267, 482, 406], "label": "red block"}]\n```',
    "Find the 3D": '[{"box_3d": [-0.15, 0.76, 0.06, 0.12, 0.08, 0.04, 0, 0, 15], "label": "red block"}]',
    "A gripper": '```json\n[{"grasp": [416, 335, 90], "label": "red block"}]\n```',
    "A robot is told": '[{"point": [416, 335], "label": "0"}, {"point": [416, 100], "label": "1"}]',
    "Both images": '[{"point": [416, 335], "label": "0"}]',
    "A robot was told": '{"success": false, "reason": "the block has not moved"}',
}


def good(request: dict[str, Any]) -> Reply:
    """An answer in the format that the request's prompt asks for."""
    prompt = prompt_of(request)
    for start, text in GOOD_ANSWERS.items():
        if prompt.startswith(start):
            return says(text)
    return says("A red block and a blue disc.", thought="I look at the table.")


def prompt_of(request: dict[str, Any]) -> str:
    return request["contents"][0]["parts"][-1]["text"]


def _in_camel_case(value: Any) -> Any:
    """With the names of the API's documents; clients may write them with underscores, too."""
    if isinstance(value, dict):
        return {re.sub("_([a-z])", lambda m: m[1].upper(), k): _in_camel_case(v) for k, v in value.items()}
    return [_in_camel_case(v) for v in value] if isinstance(value, list) else value


class GeminiServer:
    """Serves until closed; `replies` are used up one a request, then `otherwise` answers."""

    def __init__(self, *replies: Reply, otherwise: Callable[[dict[str, Any]], Reply] = good):
        self.replies = list(replies)
        self.otherwise = otherwise
        self.requests: list[dict[str, Any]] = []
        """Bodies, in the order of their arrival."""
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.times_s: list[float] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def _take(self, request: dict[str, Any], headers: dict[str, str], path: str) -> Reply:
        with self._lock:
            self.requests.append(request)
            self.headers.append(headers)
            self.paths.append(path)
            self.times_s.append(time.monotonic())
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            return self.replies.pop(0) if self.replies else self.otherwise(request)

    def _leave(self) -> None:
        with self._lock:
            self._at_once -= 1

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = _in_camel_case(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                names = {key.lower(): value for key, value in self.headers.items()}
                reply = server._take(body, names, self.path)
                try:
                    self._send(reply)
                except OSError:
                    self.close_connection = True  # the client has gone
                finally:
                    server._leave()

            def _send(self, reply: Reply) -> None:
                server._ended.wait(reply.delay_s)
                if reply.cut == 0:
                    return self._reset()
                self.send_response(reply.status)
                for name, value in {"content-type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(reply.body)))
                self.end_headers()
                if reply.cut is not None:
                    self.wfile.write(reply.body[: reply.cut])
                    self.wfile.flush()
                    return self._reset()
                if not reply.drip_s:
                    self.wfile.write(reply.body)
                    return None
                for byte in reply.body:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    if server._ended.wait(reply.drip_s):
                        break
                return None

            def _reset(self) -> None:
                self.close_connection = True
                linger = struct.pack("ii", 1, 0)  # close with RST
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler

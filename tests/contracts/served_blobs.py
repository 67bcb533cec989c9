"""Serves a BlobReasoner from a process of its own, which tests stop and kill; "wait" is never answered."""

import sys
import threading

from contracts.blob_reasoner import BlobReasoner

from robotics.bridge.reasoner_service import ReasonerServer
from robotics.reasoning.answers import Found, Point
from robotics.reasoning.view import View


class WaitingReasoner(BlobReasoner):
    def point(self, view: View, query: str, limit: int = 1) -> Found[Point]:
        if query == "wait":
            print("waiting", flush=True)
            threading.Event().wait()
        return super().point(view, query, limit)


if __name__ == "__main__":
    server = ReasonerServer(WaitingReasoner, f"127.0.0.1:{sys.argv[1]}", parallel=2)
    print(server.address, flush=True)
    server.wait()

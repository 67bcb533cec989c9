"""The Gemini backend against a local server that speaks the public API's format."""

from collections.abc import Callable, Iterator

import pytest
from contracts.gemini_server import GeminiServer, Reply
from contracts.reasoner_contract import ReasonerContract

pytest.importorskip("google.genai")

from policies.reasoner.gemini import GeminiReasoner
from policies.reasoner.gemini_config import GeminiConfig


@pytest.fixture
def serve() -> Iterator[Callable[..., GeminiServer]]:
    servers: list[GeminiServer] = []

    def start(*replies: Reply, **options) -> GeminiServer:
        servers.append(GeminiServer(*replies, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="module")
def shared() -> Iterator[GeminiReasoner]:
    server = GeminiServer()
    with GeminiReasoner(GeminiConfig(base_url=server.url), key="k") as reasoner:
        yield reasoner
    server.close()


class TestContract(ReasonerContract):
    @pytest.fixture
    def reasoner(self, shared: GeminiReasoner) -> GeminiReasoner:
        return shared

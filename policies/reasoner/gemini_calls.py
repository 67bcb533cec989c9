"""Calls of Google's API from any thread: so many at a time, at a pace, tried again, within a deadline."""

import asyncio
import concurrent.futures
import threading
import time
from collections.abc import Coroutine
from typing import Any

from policies.reasoner.gemini_config import GeminiConfig
from policies.reasoner.gemini_pace import Pace
from policies.reasoner.gemini_patience import RETRIED_STATUS, asked_wait_s
from policies.reasoner.gemini_usage import UsageMeter
from robotics.errors import shorten
from robotics.reasoning.errors import BackendError


class _Failure(Exception):
    """One attempt that failed, in words."""

    def __init__(self, reason: str, *, again: bool, asked_s: float | None = None):
        self.again, self.asked_s = again, asked_s
        super().__init__(reason)


class GeminiCalls:
    """One client and the thread with the event loop that its requests live in.

    Raises:
        BackendError: google-genai is not installed.
    """

    def __init__(self, config: GeminiConfig, key: str, meter: UsageMeter):
        try:
            import httpx2
            from google import genai
            from google.genai import types
        except ImportError:
            raise BackendError("Gemini needs google-genai: pip install 'robotics[gemini]'") from None
        self._config = config
        self._meter = meter
        # A client of our own, because the library would take aiohttp where that happens to be installed,
        # whose errors are others.
        self._http = httpx2.AsyncClient()
        options = types.HttpOptions(
            base_url=config.base_url,
            api_version=config.api_version,
            timeout=round(config.attempt_timeout_s * 1000),
            httpx_async_client=self._http,
        )
        self._client = genai.Client(vertexai=False, api_key=key, http_options=options)
        self._closed = False
        self._loop = asyncio.new_event_loop()
        self._slots = asyncio.Semaphore(config.parallel)
        self._pace = Pace(config.requests_per_minute)
        self._thread = threading.Thread(target=self._loop.run_forever, name="gemini", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread; requests that are under way fail. Harmless when done twice."""
        if self._closed:
            return
        self._closed = True
        asyncio.run_coroutine_threadsafe(self._cancel_all(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def generate(self, contents: Any, generation: Any) -> str:
        """The text that the model writes after `contents`, thoughts left out.

        Args:
            contents: As `google.genai` takes them.
            generation: A `google.genai.types.GenerateContentConfig`.

        Raises:
            BackendError: No answer by the deadline or after all attempts, or the request is refused.
        """
        if self._closed:
            raise BackendError("this connection to Gemini is closed")
        try:
            return self._run(self._answer(contents, generation))
        except BackendError:
            self._meter.failed()
            raise

    def _run(self, work: Coroutine[Any, Any, str]) -> str:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except concurrent.futures.CancelledError:
            raise BackendError("the connection to Gemini was closed before the answer") from None
        except KeyboardInterrupt:
            future.cancel()
            raise

    async def _cancel_all(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._http.aclose()

    async def _answer(self, contents: Any, generation: Any) -> str:
        async with self._slots:
            await self._pace.wait()
            start_s = time.monotonic()
            deadline_s = start_s + self._config.deadline_s
            failures = 0
            while True:
                try:
                    text, tokens = await self._attempt(contents, generation, deadline_s)
                except _Failure as failure:
                    failures += 1
                    await self._wait_again(failure, failures, deadline_s)
                else:
                    self._meter.answered(time.monotonic() - start_s, tokens)
                    return text

    async def _wait_again(self, failure: _Failure, failures: int, deadline_s: float) -> None:
        """Returns when the next attempt may start.

        Raises:
            BackendError: There is none.
        """
        attempts = self._config.backoff.attempts
        if not failure.again:
            raise BackendError(f"Gemini: {failure}")
        if failures >= attempts:
            raise BackendError(f"Gemini: {failure} ({failures} attempts)")
        wait_s = self._config.backoff.wait_s(failures, failure.asked_s)
        remaining_s = deadline_s - time.monotonic()
        if wait_s >= remaining_s:
            raise BackendError(
                f"Gemini: {failure}; another try in {wait_s:.1f} s would be past the deadline of "
                f"{self._config.deadline_s:g} s"
            )
        self._meter.retried()
        await asyncio.sleep(wait_s)
        await self._pace.wait()

    async def _attempt(
        self, contents: Any, generation: Any, deadline_s: float
    ) -> tuple[str, tuple[int, int] | None]:
        """Text and tokens (in, out) of one request; raises _Failure."""
        import httpx2
        from google.genai import errors

        timeout_s = min(self._config.attempt_timeout_s, deadline_s - time.monotonic())
        try:
            # The library's time-out is one of each read; this one is of the whole.
            async with asyncio.timeout(timeout_s):
                response = await self._client.aio.models.generate_content(
                    model=self._config.model, contents=contents, config=generation
                )
        except (TimeoutError, httpx2.TimeoutException):
            raise _Failure(f"no answer within {max(timeout_s, 0):.3g} s", again=True) from None
        except errors.APIError as error:
            headers = getattr(error.response, "headers", None)
            raise _Failure(
                f"{error.code} {error.status or ''}: {shorten(' '.join(str(error.message).split()), 200)}",
                again=error.code in RETRIED_STATUS,
                asked_s=asked_wait_s(headers, error.details),
            ) from None
        except (httpx2.TransportError, OSError) as error:
            raise _Failure(f"no connection ({type(error).__name__}: {_line(error)})", again=True) from None
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            # The library does not expect an answer that is no JSON, or of another shape than the API's.
            raise _Failure(f"an answer that is not the API's ({_line(error)})", again=True) from None
        return _text_of(response), _tokens_of(response)


def _line(error: Exception) -> str:
    return shorten(" ".join(str(error).split()) or "no reason given", 160)


def _text_of(response: Any) -> str:
    """What the first candidate says; raises _Failure where the service holds the answer back."""
    feedback = response.prompt_feedback
    if feedback is not None and feedback.block_reason is not None:
        raise _Failure(f"refused to answer (blocked: {_name(feedback.block_reason)})", again=False)
    candidates = response.candidates or []
    if not candidates:
        raise _Failure("an answer without candidates", again=True)
    parts = (candidates[0].content.parts if candidates[0].content else None) or []
    text = "".join(part.text for part in parts if part.text and not part.thought)
    reason = _name(candidates[0].finish_reason)
    if not text and reason not in {"STOP", "MAX_TOKENS", "None"}:
        raise _Failure(f"refused to answer (blocked: {reason})", again=False)
    return text


def _tokens_of(response: Any) -> tuple[int, int] | None:
    usage = response.usage_metadata
    if usage is None or usage.prompt_token_count is None:
        return None
    return usage.prompt_token_count, (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)


def _name(value: Any) -> str:
    return str(getattr(value, "name", value))

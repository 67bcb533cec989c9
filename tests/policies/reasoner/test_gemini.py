"""The Gemini backend against a local server that speaks the public API's format."""

import base64
import dataclasses
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import cv2
import numpy as np
import pytest
from contracts.bad_answers import CASES, Case
from contracts.gemini_server import (
    ANSWER_TOKENS,
    INTERNAL,
    OVERLOADED,
    PROMPT_TOKENS,
    RESET,
    THOUGHT_TOKENS,
    GeminiServer,
    Reply,
    good,
    refuses,
    says,
)
from contracts.reasoner_contract import ReasonerContract, ask, make_view

from policies.reasoner.gemini import GeminiReasoner
from policies.reasoner.gemini_config import KEY_VARIABLES, GeminiConfig
from policies.reasoner.gemini_patience import Backoff, asked_wait_s
from policies.reasoner.gemini_usage import Prices
from robotics.pose import quaternion_to_matrix
from robotics.reasoning.answers import Frame, Point
from robotics.reasoning.errors import AnswerFormatError, BackendError
from robotics.reasoning.reasoner import QUESTIONS, GripperShape
from robotics.reasoning.view import View

pytest.importorskip("google.genai")


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


def make(server: GeminiServer, **options) -> GeminiReasoner:
    quick = {"backoff": Backoff(first_s=0.01, longest_s=0.05), "deadline_s": 20.0}
    return GeminiReasoner(GeminiConfig(base_url=server.url, **(quick | options)), key="secret-key")


@pytest.fixture(scope="module")
def shared_replies() -> Iterator[tuple[GeminiServer, GeminiReasoner]]:
    server = GeminiServer()
    with make(server, longest_side=64) as reasoner:
        yield server, reasoner
    server.close()


@pytest.fixture
def view() -> View:
    return make_view()


def decode(data: str) -> np.ndarray:
    """The picture of a request."""
    raw = np.frombuffer(base64.urlsafe_b64decode(data), np.uint8)
    image = cv2.imdecode(raw, cv2.IMREAD_COLOR)
    assert image is not None
    return image[..., ::-1]


class TestWhatIsSent:
    def test_the_model_key_picture_prompt_and_settings_of_the_question(self, serve, view):
        server = serve()
        with make(server, model="gemini-other", temperature=0.25) as reasoner:
            reasoner.point(view, "the red block", limit=3)
        assert server.paths == ["/v1beta/models/gemini-other:generateContent"]
        assert server.headers[0]["x-goog-api-key"] == "secret-key"
        (request,) = server.requests
        picture, prompt = request["contents"][0]["parts"]
        assert picture["inlineData"]["mimeType"] == "image/jpeg"
        sent = decode(picture["inlineData"]["data"])
        assert sent.shape == view.image.shape
        assert np.abs(sent[70, 75].astype(int) - view.image[70, 75]).max() < 25  # red stays red
        assert '"the red block"' in prompt["text"] and "at most 3 items" in prompt["text"]
        settings = request["generationConfig"]
        assert settings["temperature"] == 0.25
        assert settings["thinkingConfig"] == {"thinkingBudget": 0}

    def test_pointing_does_not_think_and_everything_else_decides_for_itself(self, serve, view):
        server = serve()
        budgets = {}
        with make(server) as reasoner:
            for kind in QUESTIONS:
                ask(reasoner, kind, view)
                budgets[kind] = server.requests[-1]["generationConfig"]["thinkingConfig"]["thinkingBudget"]
        assert budgets == {kind: 0 if kind in {"point", "detect", "grasps"} else -1 for kind in QUESTIONS}

    def test_settings_that_a_model_does_not_know_can_be_left_out(self, serve, view):
        server = serve()
        with make(server, thinking_budget_pointing=None, seed=None) as reasoner:
            reasoner.point(view, "the red block")
        assert not {"thinkingConfig", "seed"} & set(server.requests[0]["generationConfig"])

    def test_a_large_picture_is_reduced_and_answers_are_in_its_own_pixels(self, serve):
        server = serve()
        large = View(np.full((3000, 4000, 3), 90, np.uint8))
        with make(server, longest_side=800, image_format="png") as reasoner:
            (point,) = reasoner.point(large, "the red block")
        picture = server.requests[0]["contents"][0]["parts"][0]["inlineData"]
        assert picture["mimeType"] == "image/png"
        assert decode(picture["data"]).shape == (600, 800, 3)
        assert (point.column, point.row) == (335 * 4, 416 * 3)

    def test_views_before_come_first(self, serve, view):
        server = serve()
        with make(server) as reasoner:
            reasoner.success([view], [view, view], "push the red block")
        parts = server.requests[0]["contents"][0]["parts"]
        assert [*parts[-1]] == ["text"] and len(parts) == 4
        assert "The first image shows the scene before and the last 2 images show" in parts[-1]["text"]


class TestAnswers:
    def test_points_have_the_position_that_depth_gives_them(self, serve, view):
        with make(serve()) as reasoner:
            (point,) = reasoner.point(view, "the red block")
        assert point.label == "red block" and point.frame is Frame.WORLD
        # 335 and 416 thousandths of 224x168, seen from 0.8 m above, on a block of 0.04 m.
        expected = ((75.04 - 112) / 200 * 0.76, -(69.888 - 84) / 200 * 0.76, 0.04)
        assert point.position == pytest.approx(expected, abs=1e-3)

    def test_grasps_become_poses_from_above(self, serve, view):
        with make(serve()) as reasoner:
            (grasp,) = reasoner.grasps(view, "the red block", GripperShape(opening=0.05, finger_length=0.03))
        assert math.isclose(grasp.angle, math.pi / 2)
        assert grasp.opening == 0.05 and grasp.position is not None and grasp.rotation is not None
        assert math.isclose(grasp.position[2], 0.025, abs_tol=1e-3)
        turned = quaternion_to_matrix(np.array(grasp.rotation))
        np.testing.assert_allclose(turned[:, 2], [0, 0, -1], atol=1e-6)
        np.testing.assert_allclose(np.abs(turned[:, 1]), [0, 1, 0], atol=1e-6)
        assert math.isclose(np.linalg.det(turned), 1, abs_tol=1e-9)

    def test_boxes_in_space_are_turned_into_the_world(self, serve, view):
        with make(serve()) as reasoner:
            (box,) = reasoner.boxes3d(view, "the red block")
        # The camera looks straight down from 0.8 m: forward is down, the picture's up is the world's y.
        np.testing.assert_allclose(box.center, (-0.15, 0.06, 0.04), atol=1e-9)
        assert box.frame is Frame.WORLD

    def test_what_is_left_out_of_a_match_is_not_visible(self, serve, view):
        with make(serve()) as reasoner:
            first, second = reasoner.correspond(view, [Point(5, 5, "a"), Point(9, 9, "b")], view)
        assert first.target is not None and first.target.label == "a" and first.target.position is not None
        assert second.target is None

    def test_an_empty_list_says_absent(self, serve, view):
        with make(serve(says("```json\n[]\n```"))) as reasoner:
            found = reasoner.point(view, "the green mug")
        assert found.absent and found.presence == 0.0

    def test_thoughts_are_no_part_of_the_answer(self, serve, view):
        with make(serve(says('[{"point": [1, 2]}]', thought='Perhaps [{"point": [5, 5]}]?'))) as reasoner:
            assert len(reasoner.point(view, "the mug")) == 1

    @pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
    def test_recorded_answers_come_out_as_the_corpus_says(self, shared_replies, case: Case):
        server, reasoner = shared_replies
        server.replies = [says(case.text), says(case.text)]
        square = View(np.zeros((1000, 1000, 3), np.uint8))
        if case.points is None:
            with pytest.raises(AnswerFormatError):
                reasoner.point(square, "mug", limit=9)
            assert not server.replies  # asked again, as configured
        else:
            found = reasoner.point(square, "mug", limit=9)
            assert tuple((p.column, p.row, p.label) for p in found) == case.points

    def test_an_unusable_answer_is_counted_and_asked_for_again_with_another_seed(self, serve, view):
        server = serve(says("There is a mug."))
        with make(server) as reasoner:
            assert len(reasoner.point(view, "the red block")) == 1
            assert (reasoner.parsing.refused, reasoner.parsing.clean) == (1, 1)
        seeds = [request["generationConfig"]["seed"] for request in server.requests]
        assert seeds == [0, 1]

    def test_an_answer_at_the_token_limit_keeps_its_whole_items(self, serve, view):
        cut = '```json\n[{"point": [5, 5], "label": "a"}, {"point": [6,'
        with make(serve(says(cut, finish="MAX_TOKENS"))) as reasoner:
            assert len(reasoner.point(view, "every mug", limit=5)) == 1
            assert reasoner.parsing.repairs["cut off; whole items kept"] == 1


class TestFaults:
    @pytest.mark.parametrize("fault", [OVERLOADED, INTERNAL, RESET, Reply(502, b"<html>bad gateway</html>")])
    def test_a_passing_fault_is_tried_again(self, serve, view, fault):
        server = serve(fault, fault)
        with make(server) as reasoner:
            assert len(reasoner.point(view, "the red block")) == 1
            assert reasoner.usage.retries == 2 and reasoner.usage.failed == 0
        assert len(server.requests) == 3

    @pytest.mark.parametrize(
        ("fault", "says"),
        [
            (OVERLOADED, "503 UNAVAILABLE: The model is overloaded"),
            (RESET, "no connection"),
            (dataclasses.replace(says("[]"), cut=16), "no connection"),
            (Reply(body=b"<html>log in</html>"), "not the API's"),
            (Reply(body=b'{"candidates": 3}'), "not the API's"),
            (Reply(body=b"{}"), "without candidates"),
        ],
    )
    def test_a_lasting_fault_is_named_in_one_line_after_all_attempts(self, serve, view, fault, says):
        server = serve(otherwise=lambda _: fault)
        with make(server, backoff=Backoff(attempts=3, first_s=0.01)) as reasoner:
            with pytest.raises(BackendError, match=says) as failed:
                reasoner.point(view, "the red block")
            assert reasoner.usage.failed == 1
        assert len(server.requests) == 3
        check_one_line(failed)

    @pytest.mark.parametrize(
        ("fault", "says"),
        [
            (refuses(400, "INVALID_ARGUMENT", "API key not valid."), "API key not valid"),
            (refuses(403, "PERMISSION_DENIED", "No access."), "403 PERMISSION_DENIED"),
            (refuses(404, "NOT_FOUND", "models/gemini-x is not found"), "gemini-x is not found"),
            (Reply(body=b'{"promptFeedback": {"blockReason": "SAFETY"}}'), "blocked: SAFETY"),
            (says("", finish="RECITATION"), "blocked: RECITATION"),
        ],
    )
    def test_a_refusal_is_not_tried_again(self, serve, view, fault, says):
        server = serve(otherwise=lambda _: fault)
        with make(server) as reasoner, pytest.raises(BackendError, match=says) as failed:
            reasoner.point(view, "the red block")
        assert len(server.requests) == 1
        check_one_line(failed)

    def test_retry_after_is_obeyed(self, serve, view):
        limited = refuses(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", headers={"retry-after": "0.4"})
        server = serve(limited)
        with make(server) as reasoner:
            reasoner.point(view, "the red block")
        first, second = server.times_s
        assert second - first >= 0.4

    def test_the_delay_in_a_refusal_s_body_is_obeyed(self, serve, view):
        info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.3s"}
        server = serve(refuses(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", (info,)))
        with make(server) as reasoner:
            reasoner.point(view, "the red block")
        first, second = server.times_s
        assert second - first >= 0.3

    def test_a_wait_beyond_the_deadline_fails_at_once_and_says_so(self, serve, view):
        limited = refuses(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", headers={"retry-after": "3600"})
        server = serve(limited)
        with (
            make(server) as reasoner,
            pytest.raises(BackendError, match="past the deadline of 20 s") as failed,
        ):
            reasoner.point(view, "the red block")
        check_one_line(failed)

    def test_a_server_that_hangs_is_left_and_tried_again(self, serve, view):
        server = serve(says("[]", delay_s=30))
        with make(server, attempt_timeout_s=0.3) as reasoner:
            assert len(reasoner.point(view, "the red block")) == 1
        assert len(server.requests) == 2

    def test_a_server_that_drips_bytes_does_not_outlast_the_deadline(self, serve, view):
        server = serve(otherwise=lambda _: says("[]", drip_s=0.05))
        with (
            make(server, attempt_timeout_s=0.3, deadline_s=0.8) as reasoner,
            pytest.raises(BackendError, match=r"no answer within|deadline") as failed,
        ):
            reasoner.point(view, "the red block")
        assert len(server.requests) >= 2
        check_one_line(failed)

    def test_nobody_there_is_one_line(self, view):
        server = GeminiServer()
        server.close()
        with (
            make(server, backoff=Backoff(attempts=2, first_s=0.01)) as reasoner,
            pytest.raises(BackendError, match="no connection") as failed,
        ):
            reasoner.point(view, "the red block")
        check_one_line(failed)

    def test_closing_ends_what_is_under_way(self, serve, view):
        server = serve(otherwise=lambda _: says("[]", delay_s=30))
        reasoner = make(server)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(reasoner.point, view, "the red block")
            while not server.requests:
                time.sleep(0.01)
            reasoner.close()
            with pytest.raises(BackendError, match="closed"):
                waiting.result(timeout=20)
        reasoner.close()
        with pytest.raises(BackendError, match="closed"):
            reasoner.point(view, "the red block")


class TestLimits:
    def test_no_more_requests_at_a_time_than_configured(self, serve, view):
        server = serve(otherwise=lambda request: dataclasses.replace(good(request), delay_s=0.05))
        with make(server, parallel=3) as reasoner, ThreadPoolExecutor(12) as pool:
            found = [*pool.map(lambda _: reasoner.point(view, "the red block"), range(12))]
        assert all(len(f) == 1 for f in found)
        assert server.most_at_once == 3
        assert reasoner.usage.answered == 12

    def test_requests_keep_their_pace(self, serve, view):
        server = serve()
        with make(server, requests_per_minute=600) as reasoner, ThreadPoolExecutor(6) as pool:
            start_s = time.monotonic()
            found = [*pool.map(lambda _: reasoner.point(view, "the red block"), range(6))]
        assert len(found) == 6
        assert max(server.times_s) - start_s >= 0.5  # five gaps of 0.1 s


class TestUsage:
    def test_tokens_are_those_that_the_api_says_and_thoughts_cost(self, serve, view):
        with make(serve(), prices=Prices(input=0.3, output=2.5)) as reasoner:
            for _ in range(2):
                reasoner.point(view, "the red block")
            usage = reasoner.usage
        assert usage.tokens_in == 2 * PROMPT_TOKENS
        assert usage.tokens_out == 2 * (ANSWER_TOKENS + THOUGHT_TOKENS)
        assert usage.cost is not None
        assert math.isclose(usage.cost, (usage.tokens_in * 0.3 + usage.tokens_out * 2.5) / 1e6)
        assert len(usage.latency_s) == 2 and "latency p50" in usage.describe()

    def test_a_cost_without_prices_is_unknown(self, serve, view):
        with make(serve()) as reasoner:
            reasoner.point(view, "the red block")
            assert reasoner.usage.cost is None
            assert "cost unknown (no prices given)" in reasoner.usage.describe()

    def test_a_cost_without_the_api_s_count_is_unknown(self, serve, view):
        body = b'{"candidates": [{"content": {"parts": [{"text": "[]"}]}, "finishReason": "STOP"}]}'
        with make(serve(Reply(body=body)), prices=Prices(1, 1)) as reasoner:
            reasoner.point(view, "the red block")
            assert reasoner.usage.cost is None and reasoner.usage.uncounted == 1
            assert "cost unknown (tokens missing)" in reasoner.usage.describe()


class TestSetUp:
    def test_without_a_key_one_line_names_the_variable(self, monkeypatch):
        for variable in KEY_VARIABLES:
            monkeypatch.delenv(variable, raising=False)
        with pytest.raises(BackendError, match="GEMINI_API_KEY") as failed:
            GeminiReasoner()
        check_one_line(failed)

    def test_the_key_comes_from_the_environment_and_into_no_message(self, monkeypatch, serve, view):
        monkeypatch.setenv("GEMINI_API_KEY", " from-environment\n")
        server = serve(refuses(403, "PERMISSION_DENIED", "No access."))
        with (
            GeminiReasoner(GeminiConfig(base_url=server.url)) as reasoner,
            pytest.raises(BackendError) as failed,
        ):
            reasoner.point(view, "the red block")
        assert server.headers[0]["x-goog-api-key"] == "from-environment"
        assert "from-environment" not in str(failed.value)

    @pytest.mark.parametrize(
        "options",
        [{"parallel": 0}, {"deadline_s": -1}, {"image_format": "gif"}, {"temperature": 3}, {"model": " "}],
        ids=str,
    )
    def test_wrong_settings_are_named(self, options):
        with pytest.raises(ValueError, match=next(iter(options))):
            GeminiConfig(**options)

    def test_a_date_may_say_when_to_try_again(self):
        later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
        wait_s = asked_wait_s({"retry-after": later}, None)
        assert wait_s is not None and 25 < wait_s <= 30
        assert asked_wait_s({"retry-after": "soon"}, {"error": {"details": "none"}}) is None
        assert asked_wait_s(None, None) is None


def check_one_line(failed: pytest.ExceptionInfo[Exception]) -> None:
    assert "\n" not in str(failed.value) and len(str(failed.value)) < 300

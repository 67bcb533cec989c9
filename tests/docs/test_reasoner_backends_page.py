"""The Python of docs/reasoner_backends.md runs, against a local server and a tiny model."""

import re
from pathlib import Path

import pytest
from contracts.gemini_server import GeminiServer
from contracts.tiny_vlm import save_tiny_vlm

PAGE = (Path(__file__).parents[2] / "docs/reasoner_backends.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_page_s_python_runs_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    pytest.importorskip("google.genai")
    pytest.importorskip("transformers")
    server = GeminiServer()
    monkeypatch.setenv("GEMINI_API_KEY", "k")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
    monkeypatch.chdir(tmp_path)
    save_tiny_vlm(tmp_path / "models/my-vlm")
    names: dict[str, object] = {}
    try:
        for block in BLOCKS:
            exec(block, names)
    finally:
        server.close()
    assert len(BLOCKS) == 2
    said = capsys.readouterr().out
    assert "label='red block'" in said and "1 answered, 0 failed" in said and "1 clean" in said

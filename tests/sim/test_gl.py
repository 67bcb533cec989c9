"""How MuJoCo is told to draw."""

import pytest

from sim import gl


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "MUJOCO_GL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(gl.sys, "platform", "linux")


def test_without_a_display_egl_is_chosen(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gl, "missing_library", lambda: None)
    gl.select_backend()
    assert gl.os.environ["MUJOCO_GL"] == "egl"


@pytest.mark.parametrize("wanted", [None, "egl"])
def test_without_egl_physics_still_runs(monkeypatch: pytest.MonkeyPatch, wanted: str | None):
    monkeypatch.setattr(gl, "missing_library", lambda: "libEGL.so.1")
    if wanted:
        monkeypatch.setenv("MUJOCO_GL", wanted)
    gl.select_backend()
    assert gl.os.environ["MUJOCO_GL"] == "disable"


def test_a_display_or_the_users_choice_is_left_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DISPLAY", ":0")
    gl.select_backend()
    assert "MUJOCO_GL" not in gl.os.environ
    monkeypatch.delenv("DISPLAY")
    monkeypatch.setenv("MUJOCO_GL", "osmesa")
    gl.select_backend()
    assert gl.os.environ["MUJOCO_GL"] == "osmesa"

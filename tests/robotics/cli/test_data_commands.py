"""The `robotics data` commands as a user runs them: what they say, exit codes, bad input in one line."""

import json
import os
import signal
import subprocess
import sys

import pytest
from contracts.demonstration_episodes import append_ticks, make_dataset, record_episode
from contracts.fake_embodiment import fake_embodiment

from demonstrations.dataset import DemonstrationDataset
from demonstrations.lockstep import record_lockstep
from robotics.cli.connect import connect, make_policy
from robotics.cli.data_ls import HEADINGS
from robotics.cli.main import EXIT_ERROR, EXIT_NOT_SUCCEEDED, EXIT_OK, main
from robotics.errors import DatasetError


@pytest.fixture
def data(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=4)
    with dataset.writer(fake_embodiment()) as writer:
        record_episode(writer, ticks=30, seed=9, success=False)
    return dataset.path


@pytest.fixture
def run(capsys):
    """Runs `robotics data ...`; returns exit code, stdout and stderr."""

    def call(*words):
        capsys.readouterr()
        code = main(["data", *map(str, words)])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


def numbers(path, **options):
    return [entry.number for entry in DemonstrationDataset.open(path, **options).entries]


def test_ls_has_a_line_an_episode_and_a_summary(data, run):
    code, out, _ = run("ls", data)
    lines = out.splitlines()
    assert code == EXIT_OK
    assert lines[0].split() == [*HEADINGS]
    assert lines[1].split()[:4] == ["0", "20", "0.4", "yes"]
    assert lines[5].split()[:4] == ["4", "30", "0.6", "no"]
    assert f"{data}: 5 episodes, 0.0 min, 110 ticks at 50 Hz" in out
    assert "4 success, 1 failure, 0 not" in out
    assert "version     0" in out


def test_ls_marks_what_was_edited_and_lists_what_is_hidden_only_when_asked(data, run):
    run("trim", data, 0, "3:12")
    code, out, _ = run("ls", data)
    assert code == EXIT_OK
    assert [line.split()[0] for line in out.splitlines()[1:6]] == ["1", "2", "3", "4", "5"]
    assert out.splitlines()[5].endswith("trim 3:12")
    assert "version     1, 1 episodes hidden" in out
    assert "hidden" in run("ls", data, "--hidden")[1].splitlines()[1]
    assert "version     0 of 1" in run("ls", data, "--version", 0, "--summary")[1]


def test_ls_of_an_empty_dataset_and_of_one_being_recorded(tmp_path, run):
    dataset = make_dataset(tmp_path / "data")
    code, out, _ = run("ls", dataset.path)
    assert code == EXIT_OK
    assert "0 episodes" in out
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin(instruction="now")
        append_ticks(writer, range(5))
        assert "recording   1 right now" in run("ls", dataset.path)[1]


def test_show_prints_everything(data, run):
    code, out, _ = run("show", data, 4)
    assert code == EXIT_OK
    for text in ("turn the left arm", "failure (done)", "30 ticks, 0.60 s at 50 Hz (50.000 Hz measured)"):
        assert text in out
    for text in ("overhead", "24 x 32", "state/applied", "(30, 14)", "operator nobody"):
        assert text in out
    assert json.loads(run("show", data, 4, "--json")[1])["length"] == 30


def test_stats_count_and_measure(data, run, tmp_path):
    code, out, _ = run("stats", data, "--json", tmp_path / "stats.json")
    assert code == EXIT_OK
    assert "4 of 5 episodes" in out
    assert "median 0.40" in out
    table = json.loads((tmp_path / "stats.json").read_text())
    assert table["duration_s"]["total"] == pytest.approx(1.6)
    assert table["cameras"]["overhead"] == {
        "frames": 40,
        "dropped": 0,
        "rate_hz_min": 25.0,
        "rate_hz_max": 25.0,
    }
    run("stats", data, "--all", "--json", tmp_path / "all.json")
    assert json.loads((tmp_path / "all.json").read_text())["judged"] == {"true": 4, "false": 1}


def test_edits_say_what_they_did_and_can_be_undone(data, run):
    identity = DemonstrationDataset.open(data).dataset_identity()
    assert "episode 5 is ticks 5:20 of 20 (0.30 s) of 1" in run("trim", data, 1, "0.1s:")[1]
    assert "episodes 6-7 are ticks 0:10, 10:20 of episode 2" in run("split", data, 2, "10")[1]
    code, out, _ = run("relabel", data, "3-4", "--success", "true", "--instruction", "turn it")
    assert "episodes 8-9 are 3-4 with instruction = 'turn it', success = True, outcome = 'success'" in out
    assert "version 3 now, 6 episodes" in out
    assert "hid 2 of 6 episodes: 6-7" in run("filter", data, "--min-length", 12)[1]
    assert numbers(data) == [0, 5, 8, 9]
    out = run("versions", data)[1]
    for text in ("trim 1 5:20", "split 2 10", "filter --min-length 12", "4 (current)"):
        assert text in out
    code, out, _ = run("restore", data, 0)
    assert code == EXIT_OK
    assert numbers(data) == [0, 1, 2, 3, 4]
    assert DemonstrationDataset.open(data).dataset_identity() == identity
    assert "nothing was changed" in run("restore", data, 0)[1]
    assert run("restore", data, 3)[0] == EXIT_OK
    assert numbers(data) == numbers(data, version=3) == [0, 5, 6, 7, 8, 9]


def test_a_lost_judgement_is_told(tmp_path, run):
    path = make_dataset(tmp_path / "data", episodes=1).path
    out = run("trim", path, 0, ":10")[1]
    assert "its judgement lies in what was cut off" in out
    assert DemonstrationDataset.open(path).episode(0).metadata.success is None


@pytest.mark.parametrize(
    "words",
    [
        ("trim", 1, "5:10"),
        ("split", 1, "5"),
        ("relabel", 1, "--note", "x"),
        ("filter", "--hide", "1"),
        ("gc",),
        ("restore", 0),
    ],
)
def test_a_dry_run_changes_nothing(data, run, words):
    run("filter", data, "--hide", "0")
    before = {f: f.read_bytes() for f in data.rglob("*") if f.is_file()}
    code, out, _ = run(words[0], data, *words[1:], "--dry-run")
    assert code == EXIT_OK
    assert "would have: " in out
    assert before == {f: f.read_bytes() for f in data.rglob("*") if f.is_file()}


def test_merge_and_diff(data, run, tmp_path):
    out = tmp_path / "new"
    assert "would have" in run("merge", data, "--out", out, "--dry-run")[1]
    assert not out.exists()
    assert "5 episodes of 1 datasets, verified; 0 B copied" in run("merge", data, "--out", out)[1]
    code, shown, _ = run("diff", data, out)
    assert (code, shown) == (
        EXIT_OK,
        "5 episodes equal, 0 changed, 0 only in the first, 0 only in the second\n",
    )
    run("relabel", out, 0, "--success", "false")
    code, shown, _ = run("diff", data, out)
    assert code == EXIT_NOT_SUCCEEDED
    assert "success: True -> False" in shown
    assert "4 episodes equal, 1 changed" in shown


def test_gc_asks_and_spares_what_is_open(data, run, monkeypatch):
    run("filter", data, "--hide", "0")
    older = DemonstrationDataset.open(data)
    run("filter", data, "--hide", "1")
    code, _, err = run("gc", data)
    assert code == EXIT_ERROR
    assert "say --yes" in err
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda question: "n")
    code, out, _ = run("gc", data)
    assert code == EXIT_NOT_SUCCEEDED
    assert "nothing was deleted" in out
    code, out, _ = run("gc", data, "--yes")
    assert code == EXIT_OK
    assert "hidden episodes 1 stay: another program has them open" in out
    assert "deleted 1 episodes" in out
    assert len(older.episode(0).applied) == 20
    code, _, err = run("ls", data, "--version", 0)
    assert code == EXIT_ERROR
    assert "version 0 cannot be shown, its episodes 0 were deleted" in err


def test_verify_and_repair(data, run):
    assert run("verify", data)[:2] == (EXIT_OK, f"{data}: 5 episodes, every file as it was committed\n")
    file = data / "episodes/episode_000002.zarr/images/overhead/c.1.0.0.0"
    file.write_bytes(file.read_bytes()[:-7])
    before = {f: f.read_bytes() for f in data.rglob("*") if f.is_file()}
    code, out, _ = run("verify", data)
    assert code == EXIT_NOT_SUCCEEDED
    assert "1 of 5 episodes damaged" in out
    assert "episode_000002.zarr" in out
    code, out, _ = run("repair", data, "--dry-run")
    assert "would become a new episode" in out
    assert before == {f: f.read_bytes() for f in data.rglob("*") if f.is_file()}
    code, out, _ = run("repair", data)
    assert code == EXIT_OK
    assert "became episode 5, version 1" in out
    assert run("verify", data)[0] == EXIT_OK
    assert "nothing to repair" in run("repair", data)[1]


def test_view_writes_a_film_and_overwrites_nothing(data, run, tmp_path):
    assert run("view", data, 1, "--out", tmp_path / "film.mp4", "--cameras", "overhead")[0] == EXIT_OK
    assert (tmp_path / "film.mp4").stat().st_size > 1000
    code, _, err = run("view", data, 1, "--out", tmp_path / "film.mp4")
    assert code == EXIT_ERROR
    assert "already exists" in err


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("ls", "{}/nothing"), "no demonstration dataset"),
        (("ls",), "at least one dataset"),
        (("show", "{}", 17), "no episode 17; it has: 0-4"),
        (("show", "{}", 1, "--version", 3), "no version 3; it has 0 .. 0"),
        (("view", "{}", 1, "--out", "film.avi"), ".mp4 or .rrd"),
        (("view", "{}", 1, "--out", "film.mp4", "--cameras", "top"), "no camera 'top'"),
        (("trim", "{}", 1, "5"), "wanted START:END"),
        (("trim", "{}", 1, "5:99"), "the episode ends at 20 (0.40s)"),
        (("trim", "{}", 1, "9:9"), "at least one tick, got 9:9"),
        (("trim", "{}", 1, "0:20"), "is all of episode 1"),
        (("trim", "{}", 1, "a:b"), "wanted ticks such as 120, or seconds such as 2.4s, got 'a'"),
        (("split", "{}", 1, "0"), "rising moments inside"),
        (("split", "{}", 1, "9", "5"), "rising moments inside"),
        (("relabel", "{}", 1), "nothing to change"),
        (("relabel", "{}", "x", "--note", "n"), "an episode number such as 3"),
        (("relabel", "{}", "9", "--note", "n"), "no episode 9"),
        (("filter", "{}"), "nothing to filter by"),
        (("filter", "{}", "--hide", "0-4"), "no episode of"),
        (("filter", "{}", "--task", "turn_left_am"), "did you mean 'turn_left_arm'"),
        (("filter", "{}", "--instruction", "("), "no regular expression"),
        (("filter", "{}", "--min-length", "-1"), "0 or more ticks"),
        (("merge", "{}", "--out", "{}"), "already exists"),
        (("diff", "{}"), "--versions with two numbers"),
        (("restore", "{}", 4), "no version 4"),
        (("replay", "{}", 1), "was recorded on 'fake'"),
        (("replay", "{}", 1, "--speed", "0"), "more than 0 and at most 1, got 0"),
        (("repair", "{}/nothing"), "no demonstration dataset"),
        (("verify", "{}/nothing"), "no demonstration dataset"),
    ],
)
def test_bad_input_is_one_line_and_changes_nothing(data, run, words, hint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = sorted(p for p in data.rglob("*") if "in_use" not in p.parts)
    code, _, err = run(*(str(word).format(data) for word in words))
    err = "\n".join(line for line in err.splitlines() if "━" not in line)
    assert code == EXIT_ERROR
    assert hint in err
    assert "\n" not in err.strip()
    assert before == sorted(p for p in data.rglob("*") if "in_use" not in p.parts)


@pytest.mark.parametrize(
    "words", [("trim", 1, "2:20"), ("show", 1), ("stats",), ("view", 1, "--out", "film.mp4")]
)
def test_a_damaged_episode_is_one_line_and_nothing_of_it_is_passed_on(
    data, run, words, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    for name in ("state/position/c.0.0", "images/overhead/c.1.0.0.0"):
        file = data / "episodes/episode_000001.zarr" / name
        file.write_bytes(file.read_bytes()[:-7])
    code, _, err = run(words[0], data, *words[1:])
    assert code == EXIT_ERROR
    assert "episode_000001.zarr/state/position/c.0.0: wanted" in err
    assert [line for line in err.splitlines() if "Error" in line or "Traceback" in line] == [
        err.splitlines()[-1]
    ]
    assert numbers(data) == [0, 1, 2, 3, 4]
    assert [*data.glob("edits/*")] == []
    assert not (tmp_path / "film.mp4").exists()


def test_a_newer_schema_is_refused_by_every_command_in_one_line(data, run, tmp_path):
    table = json.loads((data / "dataset.json").read_text())
    (data / "dataset.json").write_text(json.dumps({**table, "schema_version": 99}))
    for words in (
        ("ls", data),
        ("trim", data, 1, "1:2"),
        ("repair", data),
        ("merge", data, "--out", tmp_path / "n"),
    ):
        code, _, err = run(*words)
        assert code == EXIT_ERROR
        assert "schema version 99 is newer" in err


def test_an_edit_that_was_killed_is_told_by_the_next_command(data, run):
    child = "\n".join(
        (
            "import sys, time",
            "from demonstrations.dataset import DemonstrationDataset",
            "from demonstrations.editing.transaction import Edit",
            "with Edit(DemonstrationDataset.open(sys.argv[1]), 'trim') as edit:",
            "    edit.new_episode().mkdir()",
            "    print('ready', flush=True)",
            "    time.sleep(60)",
        )
    )
    process = subprocess.Popen(
        [sys.executable, "-c", child, str(data)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    process.stdout.readline()
    assert run("ls", data, "--summary")[2] == ""  # it lives
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert "an interrupted edit was undone" in run("ls", data, "--summary")[2]
    assert run("ls", data, "--summary")[2] == ""


def test_a_simulated_episode_is_replayed(tmp_path, run):
    session = connect("sim:aloha2", lockstep=True)
    try:
        embodiment = session.describe().embodiment
        dataset = DemonstrationDataset.create(tmp_path / "bowl", embodiment, [])
        with dataset.writer(embodiment) as writer:
            made = record_lockstep(session, make_policy("expert", session), writer, "put_in_bowl", 3)
        assert made.index == 0
        assert make_policy(f"replay:{tmp_path}/bowl/0", session).name == "replay of bowl/0"
        with pytest.raises(DatasetError, match="no episode 7; it has: 0"):
            make_policy(f"replay:{tmp_path}/bowl/7", session)
    finally:
        session.close()
    code, shown, _ = run("replay", tmp_path / "bowl", 0)
    assert code == EXIT_OK, shown
    assert f"executed    {made.length} of {made.length} ticks, approach 0.0 s" in shown
    assert "task        success; recorded: success" in shown
    run("trim", tmp_path / "bowl", 0, "50:")
    assert "its beginning was cut off" in run("replay", tmp_path / "bowl", 1)[2]

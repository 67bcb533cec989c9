"""kill -9 at every moment of an edit: nothing is lost, nothing is shown twice, the next opening cleans up."""

import os
import shutil
import subprocess
import sys

import pytest
from contracts.demonstration_episodes import assert_is_recorded, make_dataset

from demonstrations.dataset import DemonstrationDataset
from demonstrations.editing.merge import merge_datasets
from demonstrations.editing.repair import repair
from demonstrations.verify import verify

CHILD = """
import os, signal, sys
from pathlib import Path

from demonstrations.dataset import DemonstrationDataset
from demonstrations.editing.gc import collect_garbage
from demonstrations.editing.merge import merge_datasets
from demonstrations.editing.relabel import copy_relabelled
from demonstrations.editing.repair import repair
from demonstrations.editing.rows import RowRange, copy_rows
from demonstrations.editing.transaction import Edit

calls = 0

def deadly(original, when):
    def call(*arguments, **options):
        global calls
        calls += 1
        if calls == fatal and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments, **options)
        if calls == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return call

def split(dataset):
    episode = dataset.episode(0)
    with Edit(dataset, "split 0 8") as edit:
        for a, b in ((0, 8), (8, 20)):
            copy_rows(episode, RowRange(a, b), edit.new_episode(), dataset.description, edit=f"split {a}:{b}")
        edit.commit([0])

def relabel(dataset):
    with Edit(dataset, "relabel 0") as edit:
        copy_relabelled(dataset.episode(0), edit.new_episode(), edit="relabel", changes={"success": False})
        edit.commit([0])

def gc(dataset):
    with Edit(dataset, "filter --hide 0 1") as edit:
        edit.commit([0, 1])
    arm()
    collect_garbage(dataset)

def merge(dataset):
    merge_datasets([dataset], dataset.path.with_name("merged"), command="merge data")

def mend(dataset):
    repair(dataset.path)

def arm():
    for name in ("rename", "replace", "link", "unlink", "rmdir", "mkdir", "fsync", "fdatasync"):
        setattr(os, name, deadly(getattr(os, name), sys.argv[4]))

fatal = int(sys.argv[3])
dataset = DemonstrationDataset.open(sys.argv[1])
if sys.argv[2] != "gc":
    arm()
{"split": split, "relabel": relabel, "gc": gc, "merge": merge, "mend": mend}[sys.argv[2]](dataset)
print(calls)
"""

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def start(path, what, fatal, when="before"):
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), what, str(fatal), when],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )


def moments(path, what, count):
    """Numbers of file system calls spread over the whole edit, the first and the last among them."""
    output, errors = start(path, what, -1).communicate()
    assert output.strip(), errors
    calls = int(output)
    return sorted({1 + round(i * (calls - 1) / (count - 1)) for i in range(count)})


def killed_copies(tmp_path, what, count, prepare=lambda path: None):
    """Datasets whose edit was killed at one moment each, with that moment."""
    whole = make_dataset(tmp_path / "whole/data", episodes=3).path
    prepare(whole)
    copies = shutil.copytree(whole, tmp_path / "copy")
    last = moments(whole, what, count)
    for fatal in last:
        shutil.copytree(copies, tmp_path / f"{fatal}/data")
    # two at a time: each start costs more than its edit
    for i in range(0, len(last), 2):
        children = [(n, start(tmp_path / f"{n}/data", what, n)) for n in last[i : i + 2]]
        for n, child in children:
            child.communicate()
            assert child.returncode == -9, n
    return [(n, tmp_path / f"{n}/data") for n in last]


def content(dataset):
    return [(e.number, e.length, e.seed, e.success) for e in dataset.entries]


WHOLE = [(0, 20, 0, True), (1, 20, 1, True), (2, 20, 2, True)]
AFTER = {
    "split": [*WHOLE[1:], (3, 8, 0, None), (4, 12, 0, True)],
    "relabel": [*WHOLE[1:], (3, 20, 0, False)],
}


@pytest.mark.parametrize(("what", "count"), [("split", 12), ("relabel", 6)])
def test_a_killed_edit_is_undone_or_finished(tmp_path, what, count):
    seen = set()
    for fatal, path in killed_copies(tmp_path, what, count):
        before = DemonstrationDataset.open(path, recover=False)
        dataset = DemonstrationDataset.open(path)
        assert content(dataset) in (WHOLE, AFTER[what]), (fatal, dataset.recovered)
        seen.add(content(dataset) == WHOLE)
        assert len(before) <= len(dataset)
        assert verify(dataset) == []
        assert_is_recorded(DemonstrationDataset.open(path, version=0), 0, 0, ticks=20)
        assert [*path.glob("edits/*")] == []
        assert [*(path / "staging").iterdir()] == []
        assert DemonstrationDataset.open(path).recovered == ()
    assert seen == {True, False}, "the moments should lie on both sides of the one that counts"


def test_a_killed_gc_costs_only_what_was_hidden(tmp_path):
    for _, path in killed_copies(tmp_path, "gc", 6):
        dataset = DemonstrationDataset.open(path)
        assert content(dataset) == WHOLE[2:]
        assert verify(dataset) == []
        assert_is_recorded(dataset, 0, 2, ticks=20)
        assert [*path.glob("edits/*")] == []


def test_a_killed_merge_leaves_nothing_or_all_and_can_be_repeated(tmp_path):
    for _, path in killed_copies(tmp_path, "merge", 6):
        merged = path.with_name("merged")
        dataset = DemonstrationDataset.open(path)
        assert content(dataset) == WHOLE
        if not merged.exists():
            merge_datasets([dataset], merged, command="merge data")
        result = DemonstrationDataset.open(merged)
        assert content(result) == WHOLE
        assert verify(result) == []
        assert {item.name for item in path.parent.iterdir()} == {"data", "merged"}


def test_a_killed_repair_can_be_repeated_and_keeps_the_same_good_part(tmp_path):
    def damage(path):
        file = path / "episodes/episode_000001.zarr/images/overhead/c.1.0.0.0"  # frames 4 .. 7, rows 8 .. 15
        file.write_bytes(file.read_bytes()[:-9])

    for fatal, path in killed_copies(tmp_path, "mend", 8, damage):
        repair(path)
        dataset = DemonstrationDataset.open(path)
        assert content(dataset) == [WHOLE[0], WHOLE[2], (3, 8, 1, None)], fatal
        assert verify(dataset) == []
        assert_is_recorded(dataset, 2, 1, ticks=8)
        assert (path / "set_aside/episode_000001.zarr/state/tick/c.0").exists()
        assert [*path.glob("edits/*")] == []

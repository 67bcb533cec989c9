"""`robotics data copy` takes a dataset to an object store and back."""

from contracts.demonstration_episodes import assert_is_recorded, make_dataset

from demonstrations.dataset import DemonstrationDataset
from robotics.cli.main import main


def test_there_and_back(tmp_path, capsys):
    make_dataset(tmp_path / "data", episodes=2)
    url = f"file://{tmp_path}/store/data"
    assert main(["data", "copy", str(tmp_path / "data"), url]) == 0
    assert "2 episodes copied" in capsys.readouterr().out
    assert main(["data", "copy", str(tmp_path / "data"), url]) == 0
    assert "0 episodes copied, 0.0 MB, 2 were there already" in capsys.readouterr().out
    assert main(["data", "copy", url, str(tmp_path / "back")]) == 0
    assert_is_recorded(DemonstrationDataset.open(tmp_path / "back"), 1, seed=1)


def test_bad_input_is_one_line(tmp_path, capsys):
    data = str(make_dataset(tmp_path / "data", episodes=1).path)
    for command, message in (
        (["memory:///nothing", data], "memory:///nothing is no demonstration dataset"),
        ([data, "nonsense://x/y"], "nonsense://x is no object store"),
        ([data, str(tmp_path)], "holds something other than a dataset"),
        ([data, str(tmp_path / "new"), "--transfers", "0"], "at least one transfer at once, got 0"),
    ):
        assert main(["data", "copy", *command]) == 2
        assert message in capsys.readouterr().err.strip().splitlines()[-1]

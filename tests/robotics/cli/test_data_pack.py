"""`robotics data pack` says what it did, goes on where it stopped, and refuses bad input in one line."""

from contracts.demonstration_episodes import assert_is_recorded, make_dataset

from demonstrations.dataset import DemonstrationDataset
from robotics.cli.main import main


def test_it_packs_and_says_what_became_smaller(tmp_path, capsys):
    make_dataset(tmp_path / "data", episodes=2)
    command = ["data", "pack", str(tmp_path / "data"), "--out", str(tmp_path / "packed"), "-w", "2"]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "overhead" in said
    assert "PSNR, dB" in said
    assert "2 episodes; pictures" in said
    packed = DemonstrationDataset.open(tmp_path / "packed")
    assert_is_recorded(packed, 1, seed=1)
    assert main(command) == 0
    assert "2 episodes were packed already" in capsys.readouterr().out


def test_bad_input_is_one_line(tmp_path, capsys):
    make_dataset(tmp_path / "data", episodes=1)
    data, out = str(tmp_path / "data"), ["--out", str(tmp_path / "packed")]
    for command, message in (
        (["nothing", *out], "nothing is no demonstration dataset"),
        ([data, *out, "--crf", "99"], "crf 0 .. 51 and gop >= 1, got 99 and 10"),
        ([data, *out, "--workers", "0"], "wanted at least one worker, got 0"),
        ([data, "--out", data], "choose another folder"),
    ):
        assert main(["data", "pack", *command]) == 2
        error = capsys.readouterr().err.strip().splitlines()[-1]
        assert message in error
    assert not (tmp_path / "packed").exists()

"""The table of formats, and what happens where a package is missing."""

import builtins
import sys

import pytest
from contracts.demonstration_episodes import make_dataset
from contracts.interchange_round_trip import export

from demonstrations.interchange.formats import FORMATS, find_format, load_writer
from demonstrations.interchange.requirements import MissingPackageError
from robotics.errors import UnknownNameError


def test_every_format_has_what_its_table_says():
    for known in FORMATS:
        writer = load_writer(known)
        assert callable(writer.write)
        assert callable(writer.estimate_bytes)


def test_an_unknown_format_is_named_with_those_that_exist():
    with pytest.raises(UnknownNameError, match=r"'lerobot'.*aloha, robomimic, diffusion-policy, mcap"):
        find_format("lerobo")
    with pytest.raises(UnknownNameError, match=r"no format to import 'mcap'.*lerobot, aloha$"):
        find_format("mcap", reading=True)


@pytest.mark.parametrize(
    ("name", "package"), [("lerobot", "pyarrow"), ("aloha", "h5py"), ("robomimic", "h5py"), ("mcap", "mcap")]
)
def test_a_missing_package_is_one_line_with_the_remedy(tmp_path, monkeypatch, name, package):
    real = builtins.__import__

    def without(module, *args, **kwargs):
        if module.split(".")[0] == package:
            raise ImportError(module)
        return real(module, *args, **kwargs)

    for module in [m for m in sys.modules if m.split(".")[0] == package]:
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr(builtins, "__import__", without)
    dataset = make_dataset(tmp_path / "set", episodes=1, ticks=4)
    with pytest.raises(MissingPackageError, match=rf"'{package}'.*pip install 'robotics\[interchange\]'"):
        export(dataset, name, tmp_path / "out")
    assert not (tmp_path / "out").exists()

"""Generates robotics/bridge/v1 from the .proto files; `--check` only says whether it is up to date."""

import argparse
import re
import sys
import tempfile
from pathlib import Path

_PROTOS = Path(__file__).parent
_GENERATED = _PROTOS.parent / "v1"
_PACKAGE_LINE = (
    '"""Generated from robotics/bridge/protos by `python -m robotics.bridge.protos.generate`."""\n'
)
# The proto package is `robotics.v1`, as other languages see it; in Python `robotics` is this project's
# package, so its generated modules live in `robotics.bridge.v1` and must import each other there.
_IMPORT = re.compile(r"\bfrom robotics\.v1 import\b")


def generate() -> dict[str, str]:
    """Text of every generated file by its name.

    Raises:
        RuntimeError: protoc refuses the .proto files; it has printed why.
    """
    from grpc_tools import protoc

    include = str(Path(protoc.__file__).parent / "_proto")
    files = sorted(str(path.relative_to(_PROTOS)) for path in _PROTOS.glob("robotics/v1/*.proto"))
    with tempfile.TemporaryDirectory() as folder:
        outputs = [f"--{kind}_out={folder}" for kind in ("python", "pyi", "grpc_python")]
        if protoc.main(["protoc", f"-I{_PROTOS}", f"-I{include}", *outputs, *files]) != 0:
            raise RuntimeError("protoc refused the .proto files")
        written = sorted((Path(folder) / "robotics" / "v1").iterdir())
        texts = {
            path.name: _IMPORT.sub("from robotics.bridge.v1 import", path.read_text()) for path in written
        }
    # A file without a service gets an empty gRPC module.
    texts = {name: text for name, text in texts.items() if "_pb2_grpc" not in name or "Servicer" in text}
    return {"__init__.py": _PACKAGE_LINE, **texts}


def out_of_date(texts: dict[str, str]) -> list[str]:
    """Names of files in robotics/bridge/v1 that differ from what the .proto files give."""
    present = {path.name: path.read_text() for path in _GENERATED.glob("*.py*")}
    return sorted(name for name in {*texts, *present} if texts.get(name) != present.get(name))


def main() -> int:
    parser = argparse.ArgumentParser(description="Generate Python code from the .proto files.")
    parser.add_argument(
        "--check", action="store_true", help="change nothing; fail if anything is out of date"
    )
    arguments = parser.parse_args()
    texts = generate()
    stale = out_of_date(texts)
    if arguments.check:
        for name in stale:
            print(f"robotics/bridge/v1/{name} is out of date: run python -m robotics.bridge.protos.generate")
        return 1 if stale else 0
    _GENERATED.mkdir(exist_ok=True)
    for name in stale:
        if name in texts:
            (_GENERATED / name).write_text(texts[name])
        else:
            (_GENERATED / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())

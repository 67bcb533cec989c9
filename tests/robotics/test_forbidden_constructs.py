"""Nothing that arrives over a network or lies on a disk can become code."""

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGES = ("robotics", "policies", "sim", "demonstrations", "hardware")
MODULES = {"pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "jsonpickle"}
CALLS = {
    *("eval", "exec", "compile", "__import__"),
    *("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"),
    *("yaml.load", "yaml.unsafe_load", "yaml.full_load", "torch.load", "torch.jit.load", "torch.package"),
    *("pandas.read_pickle", "pd.read_pickle", "np.fromregex"),
}
SANDBOX = "policies/planner/program/child.py"
"""Runs robot programs, checked against a list before, in a process of its own without rights."""
KEYWORDS = {"shell": True, "allow_pickle": True, "weights_only": False}


def sources() -> list[Path]:
    """Every file of the packages that exist."""
    found = []
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            found += [p for p in Path(folder).rglob("*.py") if "bridge/v1" not in p.as_posix()]
    return sorted(found)


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an expression, '' of one that is no name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""


def forbidden(text: str) -> Iterator[tuple[int, str]]:
    """Line and name of everything in a source that could turn data into code."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            for name in node.names:
                if name.name.split(".")[0] in MODULES:
                    yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom):
            if (node.module or "").split(".")[0] in MODULES:
                yield node.lineno, node.module or ""
            for name in node.names:
                if f"{node.module}.{name.name}" in CALLS:
                    yield node.lineno, f"{node.module}.{name.name}"
        elif isinstance(node, ast.Call):
            if dotted(node.func) in CALLS:
                yield node.lineno, dotted(node.func)
            for keyword in node.keywords:
                value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
                if keyword.arg in KEYWORDS and value is KEYWORDS[keyword.arg]:
                    yield node.lineno, f"{keyword.arg}={value}"


def test_the_packages_hold_none_of_it():
    files = sources()
    assert len(files) > 100
    found = [
        f"{path}:{line}: {what}"
        for path in files
        for line, what in forbidden(path.read_text())
        if not (path.as_posix().endswith(SANDBOX) and what in ("exec", "compile"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "import os, pickle as p",
        "from pickle import loads",
        "import joblib.externals",
        "eval(text)",
        "exec('x = 1')",
        "os.system('ls')",
        "from os import system",
        "import yaml; yaml.load(stream)",
        "subprocess.run(text, shell=True)",
        "np.load(path, allow_pickle=True)",
        "torch.load(path)",
    ],
)
def test_each_of_it_would_be_found(text: str):
    assert list(forbidden(text))


@pytest.mark.parametrize(
    "text",
    ["model.eval()", "re.compile(x)", "yaml.safe_load(x)", "np.load(x)", "# pickle", "run(shell=False)"],
)
def test_what_only_looks_like_it_is_not(text: str):
    assert not list(forbidden(text))

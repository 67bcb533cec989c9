"""Which Python a robot program may use: a small language without imports, classes and reflection.

Everything is allowed by name, nothing by default: attributes too, because frames and classes hang on
attributes that look harmless (`gi_frame`, `format`).
"""

import ast
import builtins

from policies.planner.errors import PlannerError

LONGEST_CODE = 20_000
"""[characters]"""

BUILTINS = (
    *("abs", "all", "any", "bool", "dict", "divmod", "enumerate", "filter", "float", "frozenset", "int"),
    *("isinstance", "len", "list", "map", "max", "min", "print", "range", "repr", "reversed", "round"),
    *("set", "slice", "sorted", "str", "sum", "tuple", "zip"),
    *("Exception", "ArithmeticError", "AssertionError", "IndexError", "KeyError", "LookupError"),
    *("RuntimeError", "TypeError", "ValueError", "ZeroDivisionError"),
)
"""What a program may use of Python's own; no iterator of theirs leads back to the interpreter."""

MATH = (
    *("acos", "asin", "atan", "atan2", "ceil", "cos", "degrees", "dist", "e", "exp", "fabs", "floor", "fmod"),
    *("hypot", "inf", "isclose", "isfinite", "log", "pi", "pow", "radians", "sin", "sqrt", "tan", "tau"),
)
"""Of `math`, which is there without an import."""

ATTRIBUTES = frozenset(
    {
        *MATH,
        *(
            "append",
            "clear",
            "copy",
            "count",
            "extend",
            "index",
            "insert",
            "pop",
            "remove",
            "reverse",
            "sort",
        ),
        *("get", "items", "keys", "setdefault", "update", "values"),
        *("add", "difference", "discard", "intersection", "issubset", "issuperset", "union"),
        *("capitalize", "endswith", "find", "isdigit", "join", "lower", "lstrip", "replace", "rstrip"),
        *("split", "startswith", "strip", "title", "upper"),
    }
)
"""Methods of lists, dictionaries, sets and strings, and what `math` has."""

_NODES = (
    *(ast.Module, ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.NamedExpr, ast.Delete, ast.Pass),
    *(ast.If, ast.For, ast.While, ast.Break, ast.Continue, ast.FunctionDef, ast.Return, ast.Lambda),
    *(ast.arguments, ast.arg, ast.keyword, ast.Call, ast.Starred, ast.Try, ast.ExceptHandler, ast.Raise),
    *(ast.Assert, ast.Nonlocal, ast.Global, ast.IfExp, ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.Compare),
    *(ast.Attribute, ast.Subscript, ast.Slice, ast.Name, ast.Constant, ast.JoinedStr, ast.FormattedValue),
    *(ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
    *(ast.comprehension, ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop),
)
_CALLED = {
    ast.Import: "import",
    ast.ImportFrom: "import",
    ast.ClassDef: "class",
    ast.With: "with",
    ast.AsyncFunctionDef: "async",
    ast.Await: "await",
    ast.Yield: "yield",
    ast.YieldFrom: "yield from",
    ast.Match: "match",
}


class ProgramError(PlannerError):
    """A robot program is not allowed, failed, or took too much time or memory; the arms hold."""


def check_code(code: str) -> None:
    """
    Raises:
        ProgramError: The code does not parse, or uses what is not allowed; the message names the line.
    """
    if len(code) > LONGEST_CODE:
        raise ProgramError(f"a program has at most {LONGEST_CODE} characters, got {len(code)}")
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = f"line {error.lineno}: " if isinstance(error, SyntaxError) and error.lineno else ""
        raise ProgramError(f"the program is no Python: {where}{getattr(error, 'msg', error)}") from None
    for node in ast.walk(tree):
        problem = _problem(node)
        if problem:
            raise ProgramError(f"line {getattr(node, 'lineno', 1)}: {problem}")


def _problem(node: ast.AST) -> str:
    if not isinstance(node, _NODES):
        return f"'{_CALLED.get(type(node), type(node).__name__.lower())}' is not allowed in a program"
    if isinstance(node, ast.FunctionDef) and node.decorator_list:
        return "decorators are not allowed in a program"
    if isinstance(node, ast.Attribute) and node.attr not in ATTRIBUTES:
        return f"attribute '{node.attr}' is not allowed in a program"
    name = _name_in(node)
    if name.startswith("_") and name != "_":
        return f"'{name}' is not allowed in a program: names with a leading underscore are Python's own"
    if isinstance(node, ast.Name) and hasattr(builtins, name) and name not in BUILTINS:
        return f"'{name}' is not allowed in a program; of Python's own there are: {', '.join(BUILTINS)}"
    return ""


def _name_in(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.FunctionDef(name=name) | ast.arg(arg=name):
            return name
        case ast.keyword(arg=str() as name) | ast.ExceptHandler(name=str() as name):
            return name
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            return next((name for name in names if name.startswith("_")), "")
        case _:
            return ""

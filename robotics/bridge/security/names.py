"""Names that may become part of a file's path, wherever they come from."""

import re

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}")


def is_plain_name(text: str) -> bool:
    """Whether it is 1 .. 64 letters, digits and `_ . - @`, and begins with none of the last three.

    Such a name is one component of a path and never a way out of its folder.
    """
    return bool(_PLAIN.fullmatch(text))

"""Which arm an instruction names: 'with the left arm', 'from the right hand to the left'."""

from dataclasses import dataclass

_SIDES = ("left", "right")
_ARM_NOUNS = ("arm", "hand", "gripper", "manipulator")
_HOW = ("with", "using", "by")
ARM_WORDS = frozenset({*_SIDES, *_ARM_NOUNS, *_HOW, "robot", "from", "to", "other", "one", "into", "in"})


@dataclass(frozen=True)
class NamedArms:
    """'left', 'right', or '' where none is named."""

    arm: str = ""
    """That does it."""
    from_arm: str = ""
    to_arm: str = ""


def take_arms(words: list[str]) -> tuple[NamedArms, list[str]]:
    """The arms that a clause names, and its words without them."""
    found: dict[str, str] = {}
    kept: list[str] = []
    at = 0
    hands_over = any(word in ("hand", "pass", "give", "transfer") for word in words[:6])
    while at < len(words):
        phrase = _arm_phrase(words, at, hands_over)
        if phrase is None:
            kept.append(words[at])
            at += 1
            continue
        role, side, length = phrase
        found[role] = side
        at += length
    from_arm, to_arm = found.get("from", ""), found.get("to", "")
    opposite = {"left": "right", "right": "left", "": ""}
    if to_arm == "other":
        to_arm = opposite[from_arm or found.get("arm", "")]
    if from_arm in ("other", "one"):
        from_arm = opposite[to_arm]
    arm = found.get("arm", "")
    return NamedArms(arm if arm in _SIDES else "", from_arm, to_arm), kept


def _arm_phrase(words: list[str], at: int, hands_over: bool) -> tuple[str, str, int] | None:
    """Role, side and number of words of an arm's name that starts here.

    Where something is handed over, 'to the left' and 'from the right' are arms without saying so; and
    'give the left arm the cube' needs no 'to'.
    """
    role = {"from": "from", "to": "to", **dict.fromkeys(_HOW, "arm")}.get(words[at])
    if hands_over and words[at] in ("into", "in"):
        role = "to"
    start = at + 1 if role else at
    if start < len(words) and words[start] in ("the", "your", "its", "one"):
        start += words[start] != "one"
    if start >= len(words) or words[start] not in (*_SIDES, "other", "one"):
        return None
    side, end = words[start], start + 1
    if end < len(words) and words[end] == "robot":
        end += 1
    named = end < len(words) and words[end] in _ARM_NOUNS
    if named:
        end += 1
        if role is None and hands_over and at > 0:
            role = "to"
    bare_ends = end == len(words) or words[end] in ("to", "from", "and", "please")
    if role is None or not (named or (hands_over and role in ("from", "to") and bare_ends)):
        return None
    if end < len(words) and words[end] == "'s":
        return None
    return role, side, end - at

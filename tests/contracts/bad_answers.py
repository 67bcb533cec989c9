"""What models really send, and what must come out of it in an image of 1000x1000 pixels."""

from dataclasses import dataclass

from robotics.reasoning.formats.parsed import Repair


@dataclass(frozen=True)
class Case:
    name: str
    text: str
    points: tuple[tuple[float, float, str], ...] | None
    """Column, row, label; None: refused."""
    repairs: frozenset[Repair] = frozenset()
    says: str = ""
    """Part of the refusal's message."""


def kept(name: str, text: str, *points: tuple[float, float, str], repairs: tuple[Repair, ...] = ()) -> Case:
    return Case(name, text, points, frozenset(repairs))


def refused(name: str, text: str, says: str) -> Case:
    return Case(name, text, None, says=says)


MUG = (300.0, 500.0, "mug")
BOWL = (40.0, 20.0, "bowl")
ONE = '[{"point": [500, 300], "label": "mug"}]'
TWO = '[{"point": [500, 300], "label": "mug"}, {"point": [20, 40], "label": "bowl"}]'
FENCED = f"```json\n{ONE}\n```"

CASES = (
    kept("as the format says", ONE, MUG),
    kept("fenced", FENCED, MUG, repairs=(Repair.FENCE,)),
    kept("fenced without language", f"```\n{ONE}\n```", MUG, repairs=(Repair.FENCE,)),
    kept("fenced in one line", f"```json {ONE}```", MUG, repairs=(Repair.FENCE,)),
    kept("fence never closed", f"```json\n{ONE}", MUG, repairs=(Repair.FENCE,)),
    kept("windows line ends", FENCED.replace("\n", "\r\n"), MUG, repairs=(Repair.FENCE,)),
    kept("nothing there", "[]", repairs=()),
    kept("nothing there, fenced", "```json\n[]\n```", repairs=(Repair.FENCE,)),
    kept("nothing there, wrapped", '{"points": []}', repairs=(Repair.WRAPPED,)),
    kept(
        "introduced", f"Here is the mug you asked for:\n{FENCED}", MUG, repairs=(Repair.FENCE, Repair.PROSE)
    ),
    kept(
        "explained", f"{FENCED}\nThe mug stands left of the bowl.", MUG, repairs=(Repair.FENCE, Repair.PROSE)
    ),
    kept("brackets in the introduction", f"In the format [y, x]: {ONE}", MUG, repairs=(Repair.PROSE,)),
    kept("a reference in the introduction", f"As in [1], the mug: {ONE}", MUG, repairs=(Repair.PROSE,)),
    kept("trailing comma in the list", ONE[:-1] + ",\n]", MUG, repairs=(Repair.TRAILING_COMMA,)),
    kept("trailing comma in an object", ONE.replace("}", ",}"), MUG, repairs=(Repair.TRAILING_COMMA,)),
    kept("trailing comma in a point", ONE.replace("300]", "300,]"), MUG, repairs=(Repair.TRAILING_COMMA,)),
    kept("single quotes", ONE.replace('"', "'"), MUG, repairs=(Repair.QUOTES,)),
    kept(
        "single quotes around an apostrophe",
        "[{'point': [500, 300], 'label': 'the cook\\'s mug'}]",
        (300.0, 500.0, "the cook's mug"),
        repairs=(Repair.QUOTES,),
    ),
    kept(
        "typographic quotes",
        "[{\u201cpoint\u201d: [500, 300], \u201clabel\u201d: \u201cmug\u201d}]",
        MUG,
        repairs=(Repair.QUOTES,),
    ),
    kept("keys without quotes", '[{point: [500, 300], label: "mug"}]', MUG, repairs=(Repair.BARE_KEYS,)),
    kept(
        "python's literals",
        '[{"point": [500, 300], "label": "mug", "visible": True, "note": None}]',
        MUG,
        repairs=(Repair.LITERALS,),
    ),
    kept(
        "comments",
        '[{"point": [500, 300], "label": "mug"} // the left one\n]',
        MUG,
        repairs=(Repair.COMMENTS,),
    ),
    kept("no comma between objects", TWO.replace("}, {", "}\n{"), MUG, BOWL, repairs=(Repair.MISSING_COMMA,)),
    kept("one object without a list", ONE[1:-1], MUG, repairs=(Repair.NO_LIST,)),
    kept("an object a line", TWO[1:-1].replace("}, {", "}\n{"), MUG, BOWL, repairs=(Repair.NO_LIST,)),
    kept("objects with commas", TWO[1:-1], MUG, BOWL, repairs=(Repair.NO_LIST,)),
    kept("list in an object", f'{{"points": {TWO}}}', MUG, BOWL, repairs=(Repair.WRAPPED,)),
    kept("cut off in a number", TWO[:-24], MUG, repairs=(Repair.CUT_OFF,)),
    kept("cut off in a label", TWO[:-5], MUG, repairs=(Repair.CUT_OFF,)),
    kept("cut off in a key", TWO[:47], MUG, repairs=(Repair.CUT_OFF,)),
    kept("cut off after a decimal point", ONE[:-1] + ', {"point": [20.', MUG, repairs=(Repair.CUT_OFF,)),
    kept("cut off after the comma", ONE[:-1] + ",", MUG, repairs=(Repair.CUT_OFF,)),
    kept("cut off before the bracket", ONE[:-1], MUG, repairs=(Repair.CUT_OFF,)),
    kept("cut off in a fence", f"```json\n{TWO[:-5]}", MUG, repairs=(Repair.CUT_OFF, Repair.FENCE)),
    kept("cut off, fence closed", f"```json\n{TWO[:-24]}\n```", MUG, repairs=(Repair.CUT_OFF, Repair.FENCE)),
    kept("cut off in an object", f'{{"points": {TWO[:-5]}', MUG, repairs=(Repair.CUT_OFF, Repair.WRAPPED)),
    kept("cut off lines", f"{ONE[1:-1]}\n{ONE[1:20]}", MUG, repairs=(Repair.CUT_OFF, Repair.NO_LIST)),
    kept("thoughts", f"<think>Maybe [{{0}}] or {TWO}?</think>\n{ONE}", MUG, repairs=(Repair.THOUGHTS,)),
    kept(
        "numbers in quotes",
        '[{"point": ["500", "300"], "label": "mug"}]',
        MUG,
        repairs=(Repair.NUMBER_AS_TEXT,),
    ),
    kept("whole numbers as decimals", '[{"point": [500.0, 300.0], "label": "mug"}]', MUG),
    kept(
        "finer than a thousandth",
        '[{"point": [500.5, 300.25], "label": "mug"}]',
        (300.25, 500.5, "mug"),
        repairs=(Repair.NOT_INTEGER,),
    ),
    kept("label is a number", '[{"point": [500, 300], "label": 0}]', (300.0, 500.0, "0")),
    kept("no label", '[{"point": [500, 300]}]', (300.0, 500.0, "")),
    kept("more keys than asked for", '[{"point": [500, 300], "label": "mug", "score": 0.9}]', MUG),
    kept(
        "line break in a label",
        '[{"point": [500, 300], "label": "red\nmug"}]',
        (300.0, 500.0, "red mug"),
        repairs=(Repair.LINE_BREAK,),
    ),
    kept("byte order mark", "\ufeff" + ONE, MUG),
    kept("the corners", '[{"point": [0, 1000], "label": ""}]', (1000.0, 0.0, "")),
    refused("empty", "", "empty answer"),
    refused("blank", " \n\t", "empty answer"),
    refused("prose", "There is no red mug on the table.", "no JSON"),
    refused("prose with coordinates", "The mug is at (500, 300).", "no JSON"),
    refused("a bare pair", "[500, 300]", "no JSON"),
    refused("null", "null", "no JSON"),
    refused("an apology", "I'm sorry, but I can't help with that.", "no JSON"),
    refused("xml", '<point x="30.0" y="50.0" alt="mug">mug</point>', "no JSON"),
    refused("fractions", '[{"point": [0.5, 0.3], "label": "mug"}]', "integers 0..1000"),
    refused("fractions at the corner", '[{"point": [1.0, 0.0], "label": "mug"}]', "integers 0..1000"),
    refused("fraction and zero", '[{"point": [0, 0.3], "label": "mug"}]', "integers 0..1000"),
    refused("pixels of a large image", '[{"point": [1080, 1920], "label": "mug"}]', "outside the image"),
    refused("negative", '[{"point": [-3, 300], "label": "mug"}]', "outside the image"),
    refused("not a number", '[{"point": [NaN, 300], "label": "mug"}]', "broken JSON"),
    refused("infinite", '[{"point": [1e999, 300], "label": "mug"}]', "wanted 2 numbers"),
    refused("three numbers", '[{"point": [500, 300, 1], "label": "mug"}]', "wanted 2 numbers"),
    refused("one number", '[{"point": [500], "label": "mug"}]', "wanted 2 numbers"),
    refused("no numbers", '[{"point": [], "label": "mug"}]', "wanted 2 numbers"),
    refused("no point", '[{"point": null, "label": "mug"}]', "wanted 2 numbers"),
    refused("true as a number", '[{"point": [true, 300], "label": "mug"}]', "wanted 2 numbers"),
    refused("units", '[{"point": ["500px", "300px"], "label": "mug"}]', "wanted 2 numbers"),
    refused("another key", '[{"point_2d": [500, 300], "label": "mug"}]', "no 'point'"),
    refused("a box where a point was asked for", '[{"box_2d": [1, 2, 3, 4], "label": "mug"}]', "no 'point'"),
    refused("x and y by name", '[{"point": {"x": 300, "y": 500}, "label": "mug"}]', "wanted 2 numbers"),
    refused("the key twice", '[{"point": [500, 300], "point": [1, 2]}]', "twice"),
    refused("a label that is a list", '[{"point": [500, 300], "label": ["mug"]}]', "label"),
    refused("one bad among good", TWO.replace("20", "2000"), "outside the image"),
    refused("two different blocks", f"```json\n{ONE}\n```\nor\n```json\n{TWO}\n```", "several answers"),
    refused("a draft before the answer", f"First {ONE} but rather {TWO}", "several answers"),
    refused("two lists", f"{ONE}\n{ONE}", "several lists"),
    refused("cut off before the first item", '```json\n[{"point": [500, 3', "cut off"),
    refused("thoughts without end", f"<think>Perhaps {ONE}", "inside <think>"),
    refused("quotes inside quotes", '[{"point": [500, 300], "label": "the "red" mug"}]', "broken JSON"),
    refused("ellipsis", f"{ONE[:-1]}, ...]", "broken JSON"),
    refused("numbers without commas", '[{"point": [500 300], "label": "mug"}]', "broken JSON"),
    refused("half a surrogate pair", '[{"point": [500, 300], "label": "\\ud83d"}]', "broken JSON"),
    refused("nested without end", '[{"a": ' + '{"a":' * 1000, "nested deeper"),
    refused("a flood", ONE[:-1] + " " * 300_000, "300"),
    refused("a list of lists", '[{"point": [500, 300]}, [1, 2]]', "wanted objects"),
)

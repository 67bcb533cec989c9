"""A thing while it is being read, and where reading got stuck."""

from dataclasses import dataclass, field

from robotics.reasoning.language.words import Cursor
from robotics.reasoning.query import Relation, Superlative, Thing


class StuckError(Exception):
    """The words stop making sense here; internal to the reading."""

    def __init__(self, cursor: Cursor, why: str = ""):
        self.at, self.word = cursor.at, cursor.next
        where = f"at '{cursor.next}'" if cursor.next else "at its end, where a thing is missing"
        super().__init__(why or f"it stops making sense {where}")


@dataclass
class Draft:
    """A thing while it is being read."""

    before: list[str] = field(default_factory=list)
    noun_words: list[str] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    noun: str = ""
    colour: str = ""
    attributes: list[str] = field(default_factory=list)
    part: str = ""
    superlative: Superlative | None = None
    relation: Relation | None = None
    anchors: tuple[Thing, ...] = ()
    plural: bool = False

    def set_colour(self, colour: str, cursor: Cursor) -> None:
        if self.colour and self.colour != colour:
            raise StuckError(cursor, f"one thing has two colours, {self.colour} and {colour}")
        self.colour = colour

    def set_superlative(self, superlative: Superlative, cursor: Cursor) -> None:
        if self.superlative not in (None, superlative):
            raise StuckError(cursor, f"one thing is both {self.superlative.value} and {superlative.value}")
        self.superlative = superlative

    def finish(self) -> Thing:
        attributes = tuple(sorted(dict.fromkeys(self.attributes)))
        return Thing(
            phrase=" ".join([*self.before, *(self.noun_words or ["object"]), *self.behind]),
            noun=self.noun,
            colour=self.colour,
            attributes=attributes,
            part=self.part,
            superlative=self.superlative,
            relation=self.relation,
            anchors=self.anchors,
            all_of_them=self.plural,
        )

"""Questions about a generated scene with their right answers; only such as have a clear one.

Drawn again and again at random until one is clear: `QuestionWriter.draw` tells by None that a scene has none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from robotics.reasoning.language.families import COLOURS, FAMILIES, PATTERNS, is_held_out
from robotics.reasoning.language.phrasings import Speaker
from robotics.reasoning.query import FreeSpace, Relation, Superlative, Target, Thing
from robotics.reasoning.scenes.facts import ObjectFacts
from robotics.reasoning.scenes.folder import SceneView
from robotics.reasoning.scenes.truth import fits, free_place_mask, meant_things, part_mask
from robotics.reasoning.scenes.unknown import say_unknown
from robotics.reasoning.spatial import COMPARED_SIZES


class Kind(Enum):
    """What a question tests."""

    ATTRIBUTES = "attributes"
    RELATIONS = "relations"
    SUPERLATIVES = "superlatives"
    """Sizes that compare ('the small mug') included."""
    FREE_SPACE = "free space"
    PARTS = "parts"
    HELD_OUT = "held-out pairs"
    """Of colour and family, never seen in training."""
    SYNONYMS = "unseen words and phrasings"
    """Attributes, relations and superlatives in words that training never said."""
    ABSENT = "absent"
    """Half of them by colour or pattern alone, a fifth by the relation."""
    UNKNOWN = "unknown words"


@dataclass(frozen=True, eq=False)
class Question:
    """A query and what is right."""

    kind: Kind
    text: str
    target: Target | None
    """None: it holds a word that nobody can know."""
    ids: tuple[int, ...] = ()
    """Of the things that are meant, each of them right; () for free places, absent things, unknown words."""
    mask: np.ndarray | None = None
    """Pixels that are right, shape (height, width); None where nothing is to be pointed at."""
    note: str = ""
    """Which sort of its kind: a relation, a superlative, 'by colour', ..."""

    def is_hit(self, column: float, row: float) -> bool:
        """Whether a point [pixel] is right."""
        if self.mask is None:
            return False
        height, width = self.mask.shape
        x, y = int(np.floor(column)), int(np.floor(row))
        return 0 <= x < width and 0 <= y < height and bool(self.mask[y, x])


TRIES = 40
"""Draws for one question before a scene is given up."""
SMALLEST_PLACE = 0.0008
"""Part of the image that a free place takes at least; 61 pixels of 320x240."""
SMALLEST_PART = 12
"""[pixels]"""
_DIRECT = (
    *(Relation.LEFT_OF, Relation.RIGHT_OF, Relation.IN_FRONT_OF, Relation.BEHIND, Relation.NEXT_TO),
    *(
        Relation.BETWEEN,
        Relation.ON,
        Relation.IN,
        Relation.UNDER,
        Relation.NEAREST_TO,
        Relation.FARTHEST_FROM,
    ),
)
_PLACES = (
    *(Relation.LEFT_OF, Relation.RIGHT_OF, Relation.IN_FRONT_OF, Relation.BEHIND),
    *(Relation.NEXT_TO, Relation.BETWEEN, None),
)


class QuestionWriter:
    """Writes questions about scenes; the same rng state and scene give the same question."""

    def __init__(self, rng: np.random.Generator):
        self._rng = rng
        self._relation: Relation = Relation.LEFT_OF
        self._place_relation: Relation | None = None
        self._writers: dict[Kind, Callable[[SceneView], Question | None]] = {
            Kind.ATTRIBUTES: self._attributes,
            Kind.RELATIONS: self._relations,
            Kind.SUPERLATIVES: self._superlatives,
            Kind.FREE_SPACE: self._free_space,
            Kind.PARTS: self._parts,
            Kind.HELD_OUT: self._held_out,
            Kind.SYNONYMS: self._synonyms,
            Kind.ABSENT: self._absent,
            Kind.UNKNOWN: self._unknown,
        }

    def draw(self, scene: SceneView, kind: Kind) -> Question | None:
        """A clear question of that kind, or None where the scene gave none in 40 draws."""
        if not any(thing.is_seen for thing in scene.facts.objects):
            return None
        for attempt in range(TRIES):
            if attempt % (TRIES // 4) == 0:  # the rarer relations get as many tries as the common ones
                self._relation = self._choose(_DIRECT)
                self._place_relation = self._choose(_PLACES)
            question = self._writers[kind](scene)
            if question is not None:
                return question
        return None

    def _attributes(self, scene: SceneView) -> Question | None:
        thing = self._seen(scene, lambda t: not is_held_out(t.colour, t.family))
        return thing and self._about_things(scene, Kind.ATTRIBUTES, self._describe(thing), "")

    def _held_out(self, scene: SceneView) -> Question | None:
        thing = self._seen(scene, lambda t: is_held_out(t.colour, t.family))
        asked = thing and Thing("", thing.family, thing.colour)
        return asked and self._about_things(scene, Kind.HELD_OUT, asked, f"{asked.colour} {asked.noun}")

    def _synonyms(self, scene: SceneView) -> Question | None:
        writer = self._choose((self._attributes, self._attributes, self._relations, self._superlatives))
        question = writer(scene)
        if question is None or question.target is None:
            return None
        text = Speaker(self._rng, new_words=True, new_phrasings=True).say(question.target)
        return replace(question, kind=Kind.SYNONYMS, text=text)

    def _relations(self, scene: SceneView) -> Question | None:
        asked = self._related(scene)
        if asked is None:
            return None
        assert asked.relation is not None
        if self._rng.random() < 0.5 and self._number_of(scene, asked) < 2:
            return None  # where there is one mug only, 'left of the box' tests nothing: half at most
        return self._about_things(scene, Kind.RELATIONS, asked, asked.relation.value)

    def _related(self, scene: SceneView) -> Thing | None:
        """A random thing in a random relation, true or not."""
        thing = self._seen(scene, lambda t: not is_held_out(t.colour, t.family))
        if thing is None:
            return None
        relation = self._relation
        anchors = []
        for _ in range(2 if relation is Relation.BETWEEN else 1):
            anchor = self._seen(scene, lambda t: t is not thing)
            if anchor is None:
                return None
            described = self._describe(anchor)
            if self._rng.random() < 0.15:  # 'the mug left of the box that is behind the plate'
                inner = self._seen(scene, lambda t, anchor=anchor: t is not anchor)
                if inner is not None:
                    where = self._choose(_DIRECT[:5])
                    described = replace(described, relation=where, anchors=(self._describe(inner),))
            anchors.append(described)
        loose = self._describe(thing, loose=self._rng.random() < 0.6)
        return replace(loose, relation=relation, anchors=tuple(anchors))

    def _superlatives(self, scene: SceneView) -> Question | None:
        thing = self._seen(scene, lambda t: not is_held_out(t.colour, t.family))
        if thing is None:
            return None
        asked = self._describe(thing, loose=True)
        if self._number_of(scene, asked) < 2:
            return None
        if self._rng.random() < 0.2:
            size = self._choose(COMPARED_SIZES)
            asked, note = replace(asked, attributes=tuple(sorted((*asked.attributes, size)))), size
            ids = meant_things(asked, scene.facts)
            if ids is None or len(ids) == self._number_of(scene, replace(asked, attributes=())):
                return None
        else:
            superlative = self._choose(tuple(Superlative))
            asked, note = replace(asked, superlative=superlative), superlative.value
        return self._about_things(scene, Kind.SUPERLATIVES, asked, note)

    def _free_space(self, scene: SceneView) -> Question | None:
        relation = self._place_relation
        anchors, described = [], []
        for _ in range({Relation.BETWEEN: 2, None: 0}.get(relation, 1)):
            anchor = self._seen(scene, lambda t: t not in anchors)
            if anchor is None:
                return None
            asked = self._describe(anchor)
            if meant_things(asked, scene.facts) != (anchor.id,):
                return None
            anchors.append(anchor)
            described.append(asked)
        space = FreeSpace(relation, tuple(described))
        mask = free_place_mask(space, scene, anchors)
        if mask.mean() < SMALLEST_PLACE:
            return None
        note = relation.value if relation else "anywhere"
        return Question(Kind.FREE_SPACE, self._say(space), space, (), mask, note)

    def _parts(self, scene: SceneView) -> Question | None:
        thing = self._seen(scene, lambda t: len(t.parts) > 0)
        if thing is None:
            return None
        part = self._choose(tuple(sorted({p.name for p in thing.parts})))
        asked = replace(self._describe(thing), part=part)
        ids = meant_things(replace(asked, part=""), scene.facts)
        if not ids:
            return None
        mask = np.logical_or.reduce([part_mask(scene, i, part) for i in ids])
        if mask.sum() < SMALLEST_PART:
            return None
        return Question(Kind.PARTS, self._say(asked), asked, ids, mask, part)

    def _absent(self, scene: SceneView) -> Question | None:
        asked, note = self._choose((self._mismatch,) * 5 + (self._nowhere,) * 3 + (self._misplaced,) * 2)(
            scene
        )
        if asked is None or meant_things(asked, scene.facts) != ():
            return None
        return Question(Kind.ABSENT, self._say(asked), asked, note=note)

    def _mismatch(self, scene: SceneView) -> tuple[Thing | None, str]:
        """A thing that is there, but of another colour or pattern."""
        thing = self._seen(scene)
        if thing is None:
            return None, ""
        if self._rng.random() < 0.75:
            colour = self._choose([c for c in COLOURS if not is_held_out(c, thing.family)])
            return Thing("", thing.family, colour), "by colour"
        pattern = self._choose([p for p in PATTERNS if p not in ("plain", thing.pattern)])
        colour = "" if is_held_out(thing.colour, thing.family) else thing.colour
        return Thing("", thing.family, colour, (pattern,)), "by pattern"

    def _nowhere(self, scene: SceneView) -> tuple[Thing | None, str]:
        family = self._choose(FAMILIES)
        colours = [c for c in COLOURS if not is_held_out(c, family)]
        return Thing("", family, self._choose(colours) if self._rng.random() < 0.5 else ""), "by family"

    def _misplaced(self, scene: SceneView) -> tuple[Thing | None, str]:
        asked = self._related(scene)
        if asked is None or not meant_things(replace(asked, relation=None, anchors=()), scene.facts):
            return None, ""
        if any(not meant_things(anchor, scene.facts) for anchor in asked.anchors):
            return None, ""
        return asked, "by relation"

    def _unknown(self, scene: SceneView) -> Question | None:
        thing = self._seen(scene)
        if thing is None:
            return None
        text, word = say_unknown(self._describe(thing), self._rng)
        return Question(Kind.UNKNOWN, text, None, note=word)

    def _about_things(self, scene: SceneView, kind: Kind, asked: Thing, note: str) -> Question | None:
        ids = meant_things(asked, scene.facts)
        if not ids:
            return None
        return Question(kind, self._say(asked), asked, ids, np.isin(scene.ids, ids), note)

    def _say(self, target: Target) -> str:
        return Speaker(self._rng).say(target)

    def _describe(self, thing: ObjectFacts, loose: bool = False) -> Thing:
        """True words for a thing: noun and colour mostly; loose: so that others may fit, too."""
        rng = self._rng
        if loose:
            noun = thing.family if rng.random() < 0.6 else ""
            colour = thing.colour if rng.random() < (0.3 if noun else 0.5) else ""
            return Thing("", noun, colour)
        noun = thing.family if rng.random() < 0.92 else ""
        colour = thing.colour if not noun or rng.random() < 0.75 else ""
        with_pattern = thing.pattern != "plain" and thing.pattern in PATTERNS and rng.random() < 0.5
        return Thing("", noun, colour, (thing.pattern,) if with_pattern else ())

    def _number_of(self, scene: SceneView, asked: Thing) -> int:
        plain = Thing("", asked.noun, asked.colour, tuple(a for a in asked.attributes if a in PATTERNS))
        return sum(thing.is_seen and fits(thing, plain) == 1.0 for thing in scene.facts.objects)

    def _seen(
        self, scene: SceneView, wanted: Callable[[ObjectFacts], bool] = lambda thing: True
    ) -> ObjectFacts | None:
        things = [thing for thing in scene.facts.objects if thing.is_seen and wanted(thing)]
        return self._choose(things) if things else None

    def _choose(self, options: Sequence):
        return options[int(self._rng.integers(len(options)))]

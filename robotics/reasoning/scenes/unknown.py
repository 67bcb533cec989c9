"""Words that the reasoner cannot know, for the test that it says so: real ones, and made-up ones."""

from dataclasses import replace

import numpy as np

from robotics.reasoning.language.phrasings import Speaker
from robotics.reasoning.language.vocabulary import KNOWN_WORDS
from robotics.reasoning.query import Relation, Thing


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NOUNS = _words(
    """
    accordion acorn airplane anchor anvil axe backpack badge balloon barometer battery bell belt bicycle
    blender bonsai boot bracelet bucket buckle cactus calculator candlestick carabiner chess clock coin
    comb compass corkscrew crayon crown cucumber dinosaur drill drone earring easel eraser fan feather
    flashlight flute fork funnel gear glove goggles guitar hairdryer harmonica hat headphones helmet
    hinge hourglass kettle keyboard ladder lamp laptop lighter lightbulb lobster magnet map medal
    microscope mirror mop mouse mushroom nail needle notepad onion padlock pan paperclip peeler pinecone
    pineapple pliers pretzel printer puppet radio rake razor rope ruler sandal scarf scissors seashell
    shell shoe shovel skateboard slipper snail sock spatula stapler statue stopwatch suitcase sunglasses
    syringe tape teapot teddy telescope tent thermometer thimble toaster tomato toothbrush tractor
    trombone trumpet turtle tweezers umbrella unicorn vase violin wallet watch watermelon whistle
    windmill wok xylophone zipper
    """
)
ADJECTIVES = _words(
    """
    antique bent broken ceramic cold crumpled damp dented elegant expensive fluffy fragile frozen furry
    glittering glossy heavy hollow inflatable knitted magnetic oily perforated polished porcelain rubber
    shiny silky sleepy slimy smooth sticky stolen sweet transparent translucent vintage wet wooden
    wrinkled
    """
)
_SYLLABLES = _words(
    """
    ba bo dro fi gla gri hu jo ka lu mi no pla quo ra sti tu ve wi zo
    """
)


def unknown_word(rng: np.random.Generator, words: tuple[str, ...]) -> str:
    """A word that the vocabulary lacks; one time in five a made-up one."""
    while True:
        if rng.random() < 0.2:
            word = "".join(str(rng.choice(_SYLLABLES)) for _ in range(int(rng.integers(2, 5))))
        else:
            word = words[int(rng.integers(len(words)))]
        if word not in KNOWN_WORDS:
            return word


def say_unknown(thing: Thing, rng: np.random.Generator) -> tuple[str, str]:
    """A query with an unknown noun, attribute or anchor, and the word."""
    where = rng.random()
    marker = Thing("", "apple")  # said as 'apple' or a synonym; replaced by the unknown word
    speaker = Speaker(rng)
    if where < 0.4:
        word = unknown_word(rng, NOUNS)
        colour = f"{thing.colour} " if thing.colour and rng.random() < 0.5 else ""
        return f"the {colour}{word}", word
    if where < 0.75:
        word = unknown_word(rng, ADJECTIVES)
        return f"the {word} {speaker.plain(thing)}", word
    word = unknown_word(rng, NOUNS)
    relation = (Relation.LEFT_OF, Relation.RIGHT_OF, Relation.BEHIND, Relation.NEXT_TO)[int(rng.integers(4))]
    text = speaker.thing(replace(thing, relation=relation, anchors=(marker,)))
    return f"{text.rsplit(' the ', 1)[0]} the {word}", word

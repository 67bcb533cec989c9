"""Free text to queries and steps, and back: vocabulary, parser, phrasings."""

from robotics.reasoning.language.instructions import parse_instruction
from robotics.reasoning.language.parser import parse_query
from robotics.reasoning.language.phrasings import Speaker, say, without_phrases

__all__ = ["Speaker", "parse_instruction", "parse_query", "say", "without_phrases"]

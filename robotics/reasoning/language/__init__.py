"""Free text to queries and steps, and back: vocabulary, parser, phrasings."""

from robotics.reasoning.language.parser import parse_query

__all__ = ["parse_query"]

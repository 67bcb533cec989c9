"""Free text to queries and steps, and back: vocabulary, parser, phrasings."""

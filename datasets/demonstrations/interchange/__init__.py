"""Demonstrations to and from the formats of other projects; docs/interchange.md says what each keeps."""

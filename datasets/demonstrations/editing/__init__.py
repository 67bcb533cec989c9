"""Edits of datasets: every one writes new episodes and a new version, none changes or loses an old one."""

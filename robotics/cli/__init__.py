"""The command line: one file a command; the only code that wires every room to every other."""

"""The guard between every command and every robot; see docs/safety.md for what it is not."""

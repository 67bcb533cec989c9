"""The real-time run loop: instruction -> observe -> decide -> stream -> judge."""

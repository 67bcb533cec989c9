"""Settings of all tests."""

from hypothesis import settings

# A busy machine is no failure: no test asserts on the clock.
settings.register_profile("project", deadline=None)
settings.load_profile("project")

"""Robot programs: short Python texts, such as language models write, that call the planner's robot API."""

"""Generated scenes on disk, and the questions with right answers that follow from their facts (docs/scenes.md)."""

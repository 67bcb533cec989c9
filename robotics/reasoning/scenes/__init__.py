"""Generated scenes on disk (docs/scenes.md), and the questions that their facts answer."""

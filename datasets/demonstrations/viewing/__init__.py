"""Looking at an episode: as a film, or in the Rerun viewer."""

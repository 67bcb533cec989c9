"""The page about a dataset's quality: one HTML file without outside parts."""

"""The reasoner's models, backends and training."""

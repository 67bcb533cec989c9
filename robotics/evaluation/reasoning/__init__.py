"""How good a reasoner is on scenes whose truth is known."""

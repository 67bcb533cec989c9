"""`robotics reason`: one question to a reasoner, answered as JSON and as a drawn picture."""

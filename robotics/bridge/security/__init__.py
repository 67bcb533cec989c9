"""Who may talk to a server, how much, and what is noted of it."""

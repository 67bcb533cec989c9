"""The vocabulary, the wire, the robot process and the app of a robot control stack for VLA policies."""

"""The gRPC services of a robot, one a file; they answer with typed statuses and never with a traceback."""

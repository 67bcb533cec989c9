"""The robot process and the wire: control loop, chunk schedule, server, client and sessions."""

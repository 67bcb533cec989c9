"""Recording in real time: wires robot, source, keys, recorder and report."""

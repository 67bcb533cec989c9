"""Generated from robotics/bridge/protos by `python -m robotics.bridge.protos.generate`."""

"""Injects faults into a robot in its real processes and measures what it does; `suite` lists them all."""

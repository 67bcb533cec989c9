"""Faults that are planted into made-up recordings, to prove that the checks find each and nothing else."""

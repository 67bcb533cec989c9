"""What `robotics bench` measures, one file each."""

"""What was done is written down, and can be played again exactly."""

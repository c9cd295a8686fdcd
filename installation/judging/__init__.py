"""What a model is asked, how its answers are measured, and the page that tells it."""

"""What anyone can check, and what happens when it does not add up."""

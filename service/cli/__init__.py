"""The taksa command."""

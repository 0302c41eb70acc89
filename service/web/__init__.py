"""The pages, for citizens and for staff."""

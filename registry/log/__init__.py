"""Signed notes and, beside them, the public log."""

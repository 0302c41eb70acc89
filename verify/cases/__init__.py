"""The inspectorate's files about reports: append-only events, folded into a state."""

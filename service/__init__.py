"""How people reach it: JSON, pages, printing, commands."""

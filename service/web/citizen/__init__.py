"""Pages for anyone: no login, no cookie, no required script."""

"""The service as people meet it: a real browser, a real server, the demonstration's two authorities."""

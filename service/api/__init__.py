"""The JSON interface, one module per noun."""

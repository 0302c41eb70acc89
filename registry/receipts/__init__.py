"""Receipts: the signed token, the number people read out, issuing and voiding."""

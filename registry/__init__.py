"""What is official: fees, places, people, keys, receipts. Knows no web."""

"""Messages: planned, rendered, checked against the truth, sent once, and followed."""

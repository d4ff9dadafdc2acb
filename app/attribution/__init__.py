"""Credit: which message an order owes its money to, within a window, refunds taken back."""

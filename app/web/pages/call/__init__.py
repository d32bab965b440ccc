"""The page of one call: timeline, reasons for poor quality, sessions."""

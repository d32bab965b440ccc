"""Files with data: for their owner only, completely on the disk, copies of a SQLite database."""

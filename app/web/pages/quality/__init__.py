"""The quality page: share of poor streams over time and by dimension."""

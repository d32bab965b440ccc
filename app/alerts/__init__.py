"""Alerts: rules over the hourly counts, their evaluation by event time, and which alerts are open."""

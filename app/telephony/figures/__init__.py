"""Figures of telephone calls: success, concurrent calls, traffic, waiting, cost. Pure: no SQL, no clock."""

"""The parts of invented call records: people, devices, networks, sessions and streams."""

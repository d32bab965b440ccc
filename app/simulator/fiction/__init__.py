"""The people, devices and networks that invented calls are made of."""

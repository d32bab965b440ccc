"""What the archive stores: Graph's types as data, the tables made from them, the dimensions."""

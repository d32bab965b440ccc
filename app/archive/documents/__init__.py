"""Graph's JSON documents: compressed, merged from pages, read and edited in part."""

"""Score people and responses by declared rules: pure functions over plain values; nothing here reads or writes."""

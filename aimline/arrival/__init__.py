"""Turn bytes that arrived into accepted rows, every row accounted for. No connector, no journal, no schedule here."""

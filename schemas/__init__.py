"""What must be true: contracts of declared facts and of tables."""

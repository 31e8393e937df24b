"""Pure: what a record is, how a batch is parsed, what can be wrong with a row."""

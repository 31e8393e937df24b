"""Tables as files for people and programs: one module for each format, all fed with Arrow batches."""

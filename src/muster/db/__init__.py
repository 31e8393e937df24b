"""The relational database: schema, transactions, migrations."""

"""How it is kept: the engine and its transactions, the schema and its migrations, backups, pictures by their
hash.
"""

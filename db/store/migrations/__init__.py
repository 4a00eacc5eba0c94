"""Schema migrations, run by `db/store/schema.py` when a database is opened.

A new one: change `db/tables/`, copy the newest file in `versions/`, number it, and write `upgrade`. SQLite
rebuilds a table to alter it (`op.batch_alter_table`), which loses its triggers and fails under a view: drop
the view `label` first, make it and the triggers again after, as `0002_append_only.py` does. The tests in
`tests/db/store/test_db_migrations.py` fail until models and migrations agree.
"""

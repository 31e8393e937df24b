"""The history of the schema: one file per revision in `versions/`, run by `db/migrate.py`.

A new revision is a file `r<NNNN>_<what>.py` with the revision before it as `down_revision`. It spells its
tables and columns out and imports nothing of Muster: the schema of today must not change the steps of
yesterday. There are no downgrades: going back is restoring a backup (docs/operations.md).
"""

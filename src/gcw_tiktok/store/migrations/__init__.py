"""Changes of the schema, in order. `HEAD` is the newest, so that opening the database need not ask Alembic."""

HEAD = "0008"

"""What is remembered: SQLAlchemy models, migrations and queries."""

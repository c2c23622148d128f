"""The source database: its server, its tables, its log."""

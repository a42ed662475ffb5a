"""What the long suites share: servers as processes, a client, the database as it lies on the disk."""

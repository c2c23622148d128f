"""The sample's tables: people buy seats at events, and every purchase is kept."""

SCHEMA = "dms_sample"

TABLES = {
    "persons": """
        person_id INT UNSIGNED NOT NULL PRIMARY KEY,
        full_name VARCHAR(80) NOT NULL,
        email VARCHAR(120) NULL,
        phone VARCHAR(24) NULL,
        born_on DATE NULL,
        is_member BIT(1) NOT NULL DEFAULT b'0'
    """,
    "events": """
        event_id INT UNSIGNED NOT NULL PRIMARY KEY,
        title VARCHAR(120) NOT NULL,
        kind ENUM('concert', 'match', 'play', 'talk') NOT NULL,
        starts_at DATETIME NOT NULL,
        doors_at TIME NULL,
        notes TEXT NULL
    """,
    "seats": """
        event_id INT UNSIGNED NOT NULL,
        seat_no VARCHAR(8) NOT NULL,
        category TINYINT UNSIGNED NOT NULL,
        features SET('aisle', 'wheelchair', 'restricted view') NOT NULL DEFAULT '',
        PRIMARY KEY (event_id, seat_no)
    """,
    "tickets": """
        ticket_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
        event_id INT UNSIGNED NOT NULL,
        seat_no VARCHAR(8) NOT NULL,
        holder_id INT UNSIGNED NULL,
        price DECIMAL(8, 2) NOT NULL,
        reserved_until TIMESTAMP NULL,
        KEY (event_id, seat_no)
    """,
    "ticket_purchase_hist": """
        purchase_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
        ticket_id BIGINT UNSIGNED NOT NULL,
        purchased_by_id INT UNSIGNED NOT NULL,
        transferred_from_id INT UNSIGNED NULL,
        transaction_date_time DATETIME(3) NOT NULL,
        purchase_price DECIMAL(8, 2) NOT NULL
    """,
}
"""Columns of each table, in the order in which tables are made."""

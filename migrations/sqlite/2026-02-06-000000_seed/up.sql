-- The old system's schema in SQLite's words: ENUM is a CHECK, times are UTC text, `updated_at` is set by the server.
CREATE TABLE tickets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_number VARCHAR(20) UNIQUE NOT NULL,
    customer_name VARCHAR(100) NOT NULL,
    customer_email VARCHAR(100) NOT NULL COLLATE NOCASE,
    customer_phone VARCHAR(20),
    title VARCHAR(255) NOT NULL,
    description TEXT NOT NULL,
    type VARCHAR(50),
    priority VARCHAR(20) DEFAULT '普通',
    status VARCHAR(20) DEFAULT '待处理',
    assignee VARCHAR(100),
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    resolved_at TIMESTAMP NULL,
    closed_at TIMESTAMP NULL,
    resolution TEXT
);

CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id INTEGER NOT NULL,
    sender_id INTEGER NOT NULL,
    sender_name VARCHAR(100) NOT NULL,
    sender_type TEXT NOT NULL CHECK (sender_type IN ('customer', 'admin')),
    content TEXT NOT NULL,
    attachment_url VARCHAR(255),
    is_system BOOLEAN DEFAULT FALSE,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username VARCHAR(50) UNIQUE NOT NULL COLLATE NOCASE,
    password VARCHAR(255) NOT NULL,
    email VARCHAR(100) UNIQUE COLLATE NOCASE,
    phone VARCHAR(20),
    full_name VARCHAR(100),
    role TEXT DEFAULT 'customer' CHECK (role IN ('admin', 'customer')),
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    last_login TIMESTAMP NULL,
    is_active BOOLEAN DEFAULT TRUE
);

CREATE INDEX idx_ticket_status ON tickets(status);
CREATE INDEX idx_ticket_customer ON tickets(customer_email);
CREATE INDEX idx_ticket_created ON tickets(created_at);
CREATE INDEX idx_message_ticket ON messages(ticket_id);
CREATE INDEX idx_message_created ON messages(created_at);

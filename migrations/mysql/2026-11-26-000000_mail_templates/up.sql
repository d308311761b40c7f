-- Mail templates that operators have changed; the others are part of the program.
CREATE TABLE mail_templates (
    kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    lang VARCHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    subject VARCHAR(500) NOT NULL,
    text_part MEDIUMTEXT NOT NULL,
    html_part MEDIUMTEXT NOT NULL,
    revision BIGINT NOT NULL,
    changed_at DATETIME NOT NULL,
    changed_by VARCHAR(100) NOT NULL,
    PRIMARY KEY (kind, lang)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

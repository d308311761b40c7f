-- Mail templates that operators have changed; the others are part of the program.
CREATE TABLE mail_templates (
    kind VARCHAR(20) NOT NULL,
    lang VARCHAR(2) NOT NULL,
    subject VARCHAR(500) NOT NULL,
    text_part TEXT NOT NULL,
    html_part TEXT NOT NULL,
    revision BIGINT NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    changed_by VARCHAR(100) NOT NULL,
    PRIMARY KEY (kind, lang)
);

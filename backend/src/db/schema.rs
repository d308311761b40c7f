//! The tables as both databases have them.

diesel::table! {
    tickets (id) {
        id -> Integer,
        ticket_number -> Text,
        customer_name -> Text,
        customer_email -> Text,
        customer_phone -> Nullable<Text>,
        title -> Text,
        description -> Text,
        #[sql_name = "type"]
        kind -> Nullable<Text>,
        priority -> Text,
        status -> Text,
        assignee -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        resolved_at -> Nullable<Timestamp>,
        closed_at -> Nullable<Timestamp>,
        resolution -> Nullable<Text>,
        customer_id -> Nullable<Integer>,
        assignee_id -> Nullable<Integer>,
        create_key -> Nullable<Text>,
        staff_seq -> BigInt,
        customer_seq -> BigInt,
        first_reply_seconds -> Nullable<BigInt>,
        customer_messages -> Integer,
        staff_messages -> Integer,
        last_message -> Nullable<Text>,
        last_message_from -> Nullable<Text>,
        last_message_at -> Nullable<Timestamp>,
        lang -> Nullable<Text>,
    }
}

diesel::table! {
    messages (id) {
        id -> Integer,
        ticket_id -> Integer,
        sender_id -> Integer,
        sender_name -> Text,
        sender_type -> Text,
        content -> Text,
        attachment_url -> Nullable<Text>,
        is_system -> Bool,
        created_at -> Timestamp,
        staff_seq -> BigInt,
        customer_seq -> Nullable<BigInt>,
        internal -> Bool,
        client_id -> Nullable<Text>,
    }
}

diesel::table! {
    users (id) {
        id -> Integer,
        username -> Text,
        password -> Text,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        full_name -> Nullable<Text>,
        role -> Text,
        created_at -> Timestamp,
        last_login -> Nullable<Timestamp>,
        is_active -> Bool,
        password_scheme -> Text,
        must_change_password -> Bool,
        email_verified_at -> Nullable<Timestamp>,
        lang -> Nullable<Text>,
    }
}

diesel::table! {
    ticket_events (id) {
        id -> Integer,
        ticket_id -> Integer,
        message_id -> Nullable<Integer>,
        kind -> Text,
        actor_id -> Nullable<Integer>,
        actor_name -> Text,
        from_value -> Nullable<Text>,
        to_value -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    attachments (id) {
        id -> Integer,
        ticket_id -> Integer,
        message_id -> Nullable<Integer>,
        stored_name -> Text,
        name -> Text,
        size -> BigInt,
        mime -> Text,
        uploader_id -> Integer,
        uploader_type -> Text,
        draft -> Bool,
        client_key -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    sessions (token_hash) {
        token_hash -> Text,
        user_id -> Nullable<Integer>,
        ticket_id -> Nullable<Integer>,
        created_at -> Timestamp,
        last_seen_at -> Timestamp,
        expires_at -> Timestamp,
        user_agent -> Text,
    }
}

diesel::table! {
    link_tokens (token_hash) {
        token_hash -> Text,
        purpose -> Text,
        user_id -> Nullable<Integer>,
        ticket_id -> Nullable<Integer>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    ticket_reads (ticket_id, user_id) {
        ticket_id -> Integer,
        user_id -> Integer,
        seq -> BigInt,
        seen_messages -> Integer,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    notifications (id) {
        id -> Integer,
        ticket_id -> Integer,
        staff_seq -> BigInt,
        user_id -> Integer,
        actor_id -> Integer,
        seq -> BigInt,
        kind -> Text,
        created_at -> Timestamp,
        read_at -> Nullable<Timestamp>,
        mail -> Text,
        mail_due_at -> Timestamp,
        mail_since -> Timestamp,
        mail_attempts -> Integer,
        mail_claim -> Nullable<Text>,
        mail_claimed_at -> Nullable<Timestamp>,
        mail_lead_id -> Nullable<Integer>,
        mail_answer -> Nullable<Text>,
        mail_address -> Nullable<Text>,
    }
}

diesel::table! {
    notices (due_at, ticket_id, staff_seq) {
        due_at -> Timestamp,
        ticket_id -> Integer,
        staff_seq -> BigInt,
        customer_seq -> BigInt,
        kind -> Text,
        actor_id -> Integer,
        customer_id -> Nullable<Integer>,
        agent_id -> Nullable<Integer>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    revocations (id) {
        id -> Integer,
        user_id -> Nullable<Integer>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    turns (name) {
        name -> Text,
    }
}

diesel::table! {
    secrets (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    mail_templates (kind, lang) {
        kind -> Text,
        lang -> Text,
        subject -> Text,
        text_part -> Text,
        html_part -> Text,
        revision -> BigInt,
        changed_at -> Timestamp,
        changed_by -> Text,
    }
}

diesel::table! {
    mail_stops (recipient, kind) {
        recipient -> Text,
        kind -> Text,
        created_at -> Timestamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    tickets,
    messages,
    users,
    ticket_events,
    attachments,
    sessions,
    link_tokens,
    ticket_reads,
    notifications,
    notices,
    secrets,
    mail_stops
);

diesel::allow_columns_to_appear_in_same_group_by_clause!(ticket_reads::ticket_id, users::role);

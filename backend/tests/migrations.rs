//! The schema's way forth and back: nothing is lost, a second time does nothing.

use casedesk::db::migrate;
use shared::{
    notifications::{ListNotifications, NotificationQuery},
    tickets::{AssignTicket, AssigneeRef, Assignment},
};

use crate::{
    adoption::{counts, log_in, old_casedb},
    support::{Client, TestApp, database::Database, outbox, spawn_app},
};

/// All migrations but the old system's schema.
const OURS: usize = 8;
/// The one before which every recipient had a row from the start, and those after it.
const SINCE_AGENT_NOTICES: usize = 6;
/// The one before which only agents had such rows, and those after it.
const SINCE_NOTICES: usize = 4;

#[actix_web::test]
async fn a_second_start_changes_nothing() {
    let database = old_casedb();
    let first = migrate::run(database.target()).unwrap();
    assert!(first.adopted && first.ran > 0);
    let dump = |database: &Database| {
        ["SELECT CONCAT_WS('|', id, ticket_number, priority, status, assignee, created_at, updated_at, staff_seq, customer_id) AS t FROM tickets ORDER BY id",
         "SELECT CONCAT_WS('|', id, content, staff_seq, customer_seq, created_at) AS t FROM messages ORDER BY id",
         "SELECT CONCAT_WS('|', id, username, password, password_scheme, email, is_active, created_at) AS t FROM users ORDER BY id"]
            .map(|sql| database.texts(sql))
    };
    let before = dump(&database);
    let second = migrate::run(database.target()).unwrap();
    assert!(!second.adopted && second.ran == 0);
    let app = TestApp::on(database, &[]).await;
    assert_eq!(dump(&app.database), before);
    let app = app.restart().await;
    assert_eq!(dump(&app.database), before);
}

#[actix_web::test]
async fn what_is_neither_empty_nor_a_casedb_is_left_alone() {
    let database = Database::empty();
    database.execute("CREATE TABLE tickets (id INTEGER PRIMARY KEY, seat VARCHAR(10))");
    let error = migrate::run(database.target()).unwrap_err().to_string();
    assert!(error.contains("neither empty nor a casedb"), "{error}");
    assert_eq!(database.count("tickets"), 0);
    let error = migrate::run(database.target()).unwrap_err().to_string();
    assert!(
        error.contains("neither empty nor a casedb"),
        "a second try says the same: {error}"
    );
}

#[actix_web::test]
async fn our_migration_goes_back_and_forth_without_losing_a_row() {
    let database = old_casedb();
    migrate::run(database.target()).unwrap();
    let before = counts(&database);
    let long = database.text("SELECT content FROM messages WHERE id = 4");
    for last in [OURS, OURS, 1] {
        migrate::redo(database.target(), last).unwrap();
        assert_eq!(counts(&database), before);
    }
    assert_eq!(database.text("SELECT content FROM messages WHERE id = 4"), long);
    assert_eq!(database.number("SELECT staff_seq FROM tickets WHERE id = 1"), 4);
    let app = TestApp::on(database, &[]).await;
    assert!(log_in(&app, "zhang", "geheim42").await.is_ok());
}

#[actix_web::test]
async fn our_migration_goes_back_and_forth_on_rows_of_ours() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("新的").await;
    ann.says(ticket, "一").await;
    bob.notes(ticket, "记").await;
    bob.says(ticket, "二").await;
    let before = counts(&app.database);
    migrate::redo(app.database.target(), OURS).unwrap();
    assert_eq!(counts(&app.database), before);
}

#[actix_web::test]
async fn what_people_are_to_be_told_outlives_its_table() {
    let app = spawn_app().await;
    let (ann, bob, eve) = (
        app.customer("ann").await,
        app.agent("bob").await,
        app.agent("eve").await,
    );
    let ticket = ann.submits("回退").await;
    let to_eve = Assignment {
        assignee: Some(Some(AssigneeRef::Name("eve".into()))),
    };
    bob.call(AssignTicket, ticket, to_eve).await.good();
    bob.says(ticket, "请稍等").await;
    let guests = app.nobody().submits("访客").await;
    bob.says(guests, "您好").await;
    for last in [SINCE_NOTICES, SINCE_AGENT_NOTICES] {
        migrate::redo(app.database.target(), last).unwrap();
    }
    assert_eq!(app.database.count("notices"), 0);
    let bell = async |who: &Client| {
        let bell = who
            .call(ListNotifications, (), NotificationQuery::default())
            .await;
        bell.good().unread
    };
    assert_eq!(bell(&ann).await, 2, "what was said, and that it was taken up");
    assert_eq!(bell(&bob).await, 2, "two tickets");
    assert_eq!(bell(&eve).await, 4, "two tickets, given to her, what was said");
    assert_eq!(outbox::states(&app).await.len(), 2, "the guest's");
}

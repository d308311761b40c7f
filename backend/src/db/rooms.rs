//! Tickets as rooms: the little of the `tickets` table that entering one needs.

use diesel::prelude::*;
use shared::{TicketId, UserId};

use super::{
    connection::DbConnection,
    schema::tickets,
    statements::{Kept, padded},
};

/// A ticket as whoever enters needs it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = tickets)]
pub struct RoomRow {
    pub id: TicketId,
    /// The account it belongs to.
    pub customer_id: Option<UserId>,
    pub customer_name: String,
    pub staff_seq: i64,
    pub customer_seq: i64,
}

pub fn list(conn: &mut DbConnection, ids: &[TicketId]) -> QueryResult<Vec<RoomRow>> {
    let rooms = tickets::table
        .filter(tickets::id.eq_any(padded(ids)))
        .select(RoomRow::as_select());
    Kept(rooms).load(conn)
}

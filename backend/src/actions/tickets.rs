//! Submitting, listing and changing tickets.

use chrono::TimeDelta;
use shared::{
    ErrorCode, Lang, Permission, Priority, Secret, Status,
    check::{Check, limit},
    error::FieldError,
    live::ServerEvent,
    messages::ChangeKind,
    tickets::{
        AssigneeFilter, AssigneeRef, Assignment, Choice, Closing, NewTicket, Sort, StatusChange, Ticket,
        TicketKey, TicketPage, TicketQuery,
    },
};

use super::{
    Tx, access, assignees,
    changes::{self, By},
    notify, reads, wire,
};
use crate::{
    db::{
        self,
        events::InsertEvent,
        links::{self, LinkRow},
        tickets::{AssigneeIs, InsertTicket, Page, TicketFilter, TicketRow},
    },
    domain::{actor::Actor, tokens},
    error::{Error, Result, is_duplicate},
};

/// A guest link lives this long after it was last used.
pub const GUEST_LINK_DAYS: i64 = 30;

/// A submitted ticket.
#[derive(Debug)]
pub struct Created {
    pub ticket: TicketRow,
    /// For a guest: the token of his link.
    pub guest_token: Option<Secret>,
}

/// What was wrong or left out is settled: a ticket that can be stored.
struct Submission {
    name: String,
    email: String,
    phone: Option<String>,
    title: String,
    kind: String,
    priority: Priority,
    description: String,
}

/// Submits a ticket. With a key the same submission is stored once however often it is sent.
pub fn create(
    tx: &mut Tx<'_>,
    actor: &Actor,
    input: &NewTicket,
    key: Option<&str>,
    lang: Lang,
) -> Result<Created> {
    let submission = settle(tx, actor, input, key)?;
    let scope = match actor.account() {
        Some(account) => format!("account {}", account.id),
        None => format!("guest {}", submission.email),
    };
    let create_key = key.map(|key| tokens::scoped_key(&scope, key));
    if let Some(create_key) = &create_key
        && let Some(stored) = db::tickets::find_by_create_key(tx.conn, create_key)?
    {
        if stored.title != submission.title || stored.description != submission.description {
            return Err(ErrorCode::ClientKeyReused.into());
        }
        return created(tx, actor, stored);
    }
    let ticket = store(tx, actor, &submission, create_key.as_deref(), lang)?;
    notify::created(tx, &ticket, actor.id());
    changes::tell_lists(tx, &ticket, ServerEvent::TicketCreated);
    created(tx, actor, ticket)
}

fn settle(tx: &mut Tx<'_>, actor: &Actor, input: &NewTicket, key: Option<&str>) -> Result<Submission> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let contact = [&input.customer_name, &input.customer_email, &input.customer_phone];
    let own = match actor.account() {
        Some(account) if contact.iter().any(|text| given(text).is_none()) => {
            db::users::find(tx.conn, account.id)?
        }
        Some(_) | None => None,
    };
    let name = given(&input.customer_name).or_else(|| own.as_ref().map(|own| own.display_name().to_owned()));
    let email = given(&input.customer_email).or_else(|| own.as_ref().and_then(|own| own.email.clone()));
    let phone = given(&input.customer_phone).or_else(|| own.as_ref().and_then(|own| own.phone.clone()));
    let mut check = Check::new();
    let email = check.email("customer_email", email.as_deref());
    let kinds = &tx.env.config.ticket_types;
    let kind = match given(&input.kind) {
        None => kinds.first().cloned().unwrap_or_default(),
        Some(kind) => {
            if !kinds.contains(&kind) {
                check.fail("type", FieldError::Invalid);
            }
            kind
        }
    };
    if key.is_some() {
        check.line("idempotency_key", key, limit::CLIENT_KEY);
    }
    let submission = Submission {
        name: check.line("customer_name", name.as_deref(), limit::NAME),
        email: email.map(|email| email.to_string()).unwrap_or_default(),
        phone: check.optional_line("customer_phone", phone.as_deref(), limit::PHONE),
        title: check.line("title", Some(&input.title), limit::TITLE),
        kind,
        priority: input.priority.unwrap_or(Priority::Medium),
        description: check.text("description", Some(&input.description), limit::DESCRIPTION),
    };
    check.done()?;
    Ok(submission)
}

fn store(
    tx: &mut Tx<'_>,
    actor: &Actor,
    new: &Submission,
    create_key: Option<&str>,
    lang: Lang,
) -> Result<TicketRow> {
    let customer_id = match actor.account().filter(|_| !actor.is_staff()) {
        Some(account) => Some(account.id),
        None => db::users::find_by_verified_email(tx.conn, &new.email)?.map(|user| user.id),
    };
    let day = tx.zone().local(tx.now).date();
    let ticket_number = tx.env.numbers.next(tx.conn, day)?;
    let row = InsertTicket {
        ticket_number: &ticket_number,
        customer_name: &new.name,
        customer_email: &new.email,
        customer_phone: new.phone.as_deref(),
        title: &new.title,
        description: &new.description,
        kind: &new.kind,
        priority: new.priority,
        status: Status::Pending,
        created_at: tx.now,
        updated_at: tx.now,
        customer_id,
        create_key,
        lang: (!actor.is_staff()).then_some(lang.code()),
    };
    let id = match db::tickets::insert(tx.conn, &row) {
        Ok(id) => id,
        // Somebody took the number, or stored the same submission, a moment ago: start anew and see which.
        Err(error) if is_duplicate(&error) => {
            tx.env.numbers.forget();
            return Err(Error::retry());
        }
        Err(error) => return Err(error.into()),
    };
    let by_name = actor
        .account()
        .map_or(new.name.as_str(), |account| account.name.as_str());
    let event = InsertEvent {
        ticket_id: id,
        message_id: None,
        kind: ChangeKind::Created,
        actor_id: actor.account().map(|account| account.id),
        actor_name: by_name,
        from_value: None,
        to_value: Some(Status::Pending.as_str()),
        created_at: tx.now,
    };
    db::events::insert(tx.conn, &event)?;
    Ok(row.into_row(id))
}

fn created(tx: &mut Tx<'_>, actor: &Actor, ticket: TicketRow) -> Result<Created> {
    if actor.account().is_some() {
        return Ok(Created {
            ticket,
            guest_token: None,
        });
    }
    let token = tx.env.chance.token();
    let link = LinkRow {
        token_hash: tokens::hash(token.expose()),
        purpose: links::GUEST.into(),
        user_id: None,
        ticket_id: Some(ticket.id),
        created_at: tx.now,
        expires_at: tx.now + TimeDelta::days(GUEST_LINK_DAYS),
        used_at: None,
    };
    links::insert(tx.conn, &link)?;
    Ok(Created {
        ticket,
        guest_token: Some(token),
    })
}

/// One page of the tickets the actor may see.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, query: &TicketQuery) -> Result<TicketPage> {
    let account = actor.signed_in()?;
    let mut check = Check::new();
    let (page, per_page) = check.page(query.page, query.per_page);
    let filter = filter(tx, actor, query, check)?;
    let total = tx
        .env
        .counts
        .get(filter.clone(), || Ok(db::tickets::count(tx.conn, &filter)?))?;
    let offset = i64::from(page - 1) * i64::from(per_page);
    let rows = if offset < total {
        let sort = query.sort.value().unwrap_or(Sort::Newest);
        let page = Page {
            limit: i64::from(per_page),
            offset,
            total,
        };
        db::tickets::list(tx.conn, &filter, sort, page)?
    } else {
        Vec::new()
    };
    let unread = reads::unread(tx, account.id, actor.is_staff(), &rows)?;
    let zone = tx.zone();
    let tickets = rows
        .iter()
        .zip(unread)
        .map(|(row, unread)| wire::summary(row, actor.is_staff(), unread, zone));
    Ok(TicketPage {
        tickets: tickets.collect(),
        total,
        page,
        per_page,
    })
}

fn filter(tx: &mut Tx<'_>, actor: &Actor, query: &TicketQuery, mut check: Check) -> Result<TicketFilter> {
    let zone = tx.zone();
    let mut moment = |name, text: &Option<String>, read: &dyn Fn(&str) -> Option<chrono::NaiveDateTime>| {
        let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty())?;
        let moment = read(text);
        if moment.is_none() {
            check.fail(name, FieldError::Invalid);
        }
        moment
    };
    let from = moment("from", &query.from, &|text| zone.range_start(text));
    let before = moment("to", &query.to, &|text| zone.range_end(text));
    let kind = match &query.kind {
        Choice::Any => None,
        Choice::Is(kind) => Some(check.line("type", Some(kind), limit::TICKET_TYPE)),
    };
    let q = check.optional_line("q", query.q.as_deref(), limit::SEARCH);
    if let AssigneeFilter::Named(name) = &query.assignee {
        check.line("assignee", Some(name), limit::NAME);
    }
    check.done()?;
    let account = actor.signed_in()?;
    let assignee = match &query.assignee {
        AssigneeFilter::Any => AssigneeIs::Anyone,
        AssigneeFilter::Nobody => AssigneeIs::Nobody,
        AssigneeFilter::Me => AssigneeIs::Agent(account.id),
        AssigneeFilter::Named(name) => match assignees::find(tx, &AssigneeRef::Name(name.clone())) {
            Ok((id, _)) => AssigneeIs::Agent(id),
            // No active agent: a former one, or a free text of the old system.
            Err(error) if error.code() == ErrorCode::UnknownAssignee => AssigneeIs::Text(name.clone()),
            Err(error) => return Err(error),
        },
    };
    Ok(TicketFilter {
        owner: (!actor.is_staff()).then_some(account.id),
        status: query.status.value(),
        kind,
        priority: query.priority.value(),
        assignee,
        from,
        before,
        q,
    })
}

/// One ticket in full.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, key: &TicketKey) -> Result<Ticket> {
    access::known(actor)?;
    let ticket = access::find(tx, actor, key)?;
    show(tx, actor, ticket)
}

fn show(tx: &mut Tx<'_>, actor: &Actor, ticket: TicketRow) -> Result<Ticket> {
    let zone = tx.zone();
    let files = db::attachments::list_of_ticket(tx.conn, ticket.id)?;
    let unread = match actor.account() {
        Some(account) => reads::unread(tx, account.id, actor.is_staff(), &[(&ticket).into()])?
            .pop()
            .unwrap_or(0),
        None => 0,
    };
    let files = files.iter().map(|file| file.to_wire(zone)).collect();
    Ok(wire::ticket(ticket, files, actor.is_staff(), unread, zone))
}

/// Moves a ticket along the status machine.
pub fn set_status(tx: &mut Tx<'_>, actor: &Actor, key: &TicketKey, input: &StatusChange) -> Result<Ticket> {
    actor.with(Permission::ManageTickets)?;
    let status = input
        .status
        .ok_or_else(|| Error::field("status", FieldError::Required))?;
    let resolution = check_resolution(input.resolution.as_deref(), false)?;
    change(tx, actor, key, |tx, ticket, by| {
        changes::set_status(tx, ticket, status, by, resolution.as_deref())
    })
}

/// Gives a ticket to an agent or to nobody.
pub fn assign(tx: &mut Tx<'_>, actor: &Actor, key: &TicketKey, input: &Assignment) -> Result<Ticket> {
    actor.with(Permission::ManageTickets)?;
    let Some(assignee) = &input.assignee else {
        return Err(Error::field("assignee", FieldError::Required));
    };
    change(tx, actor, key, |tx, ticket, by| {
        let assignee = assignee
            .as_ref()
            .map(|named| assignees::find(tx, named))
            .transpose()?;
        changes::set_assignee(tx, ticket, assignee, by)
    })
}

/// Closes a ticket: an agent says what solved it, an owner need not.
pub fn close(tx: &mut Tx<'_>, actor: &Actor, key: &TicketKey, input: &Closing) -> Result<Ticket> {
    access::known(actor)?;
    let required = actor.may(Permission::ManageTickets);
    let resolution = check_resolution(input.resolution.as_deref(), required)?;
    change(tx, actor, key, |tx, ticket, by| {
        changes::set_status(tx, ticket, Status::Closed, by, resolution.as_deref())
    })
}

/// Sets a ticket's priority.
pub fn set_priority(tx: &mut Tx<'_>, actor: &Actor, key: &TicketKey, priority: Priority) -> Result<Ticket> {
    actor.with(Permission::ManageTickets)?;
    change(tx, actor, key, |tx, ticket, by| {
        changes::set_priority(tx, ticket, priority, by)
    })
}

fn check_resolution(text: Option<&str>, required: bool) -> Result<Option<String>> {
    let mut check = Check::new();
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    if required || text.is_some() {
        check.text("resolution", text, limit::RESOLUTION);
    }
    check.done()?;
    Ok(text.map(str::to_owned))
}

/// The frame of every change: lock, change, tell, show.
fn change(
    tx: &mut Tx<'_>,
    actor: &Actor,
    key: &TicketKey,
    apply: impl FnOnce(&mut Tx<'_>, &mut TicketRow, &By) -> Result<()>,
) -> Result<Ticket> {
    let mut ticket = access::lock(tx, actor, key)?;
    let before = ticket.staff_seq;
    let by = By::of(actor, &ticket);
    apply(tx, &mut ticket, &by)?;
    if ticket.staff_seq != before {
        changes::tell_lists(tx, &ticket, ServerEvent::TicketUpdated);
    }
    show(tx, actor, ticket)
}

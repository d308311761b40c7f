//! Statistics: the seed's numbers, and what the chart and the agents' table need.

use serde::{Deserialize, Serialize};

use crate::{UserId, endpoint::endpoints};

endpoints! {
    /// Counts and response times of the tickets created in a range. *Permissions*: agents.
    GetStatistics = Get "/statistics" (()) StatisticsQuery => Statistics;
}

/// The range, by day of creation in the display zone; everything when left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct StatisticsQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// Numbers over the tickets created in the range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    pub total_tickets: i64,
    pub pending: i64,
    pub processing: i64,
    pub resolved: i64,
    pub closed: i64,
    /// As the seed writes it: `2.5 hours`; `0 hours` when no ticket has an answer.
    pub avg_response_time: String,
    /// Mean seconds from creation to the first public message by an agent, over tickets that have one.
    pub avg_response_seconds: Option<f64>,
    pub from: Option<String>,
    pub to: Option<String>,
    /// Tickets created and resolved per day, oldest first, at most the last 366 days of the range.
    pub by_day: Vec<DayCount>,
    pub by_type: Vec<NamedCount>,
    pub by_priority: Vec<NamedCount>,
    pub by_agent: Vec<AgentCount>,
}

/// One day, `YYYY-MM-DD`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayCount {
    pub date: String,
    pub created: i64,
    pub resolved: i64,
}

/// A value and how many tickets carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedCount {
    pub name: String,
    pub count: i64,
}

/// One agent's tickets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentCount {
    /// None for a free-text assignee of the old system.
    pub id: Option<UserId>,
    pub name: String,
    pub total: i64,
    /// 待处理 and 处理中.
    pub open: i64,
    /// 已解决 and 已关闭.
    pub done: i64,
    pub avg_response_seconds: Option<f64>,
}

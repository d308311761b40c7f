//! The statistics route.

use shared::statistics::{GetStatistics, Statistics, StatisticsQuery};

use super::endpoint::Routes;
use crate::{actions, error::Result, request::Cx};

pub(super) fn routes(routes: Routes) -> Routes {
    routes.on(GetStatistics, get)
}

async fn get(cx: Cx, (): (), query: StatisticsQuery) -> Result<Statistics> {
    cx.app
        .read(move |tx| actions::statistics::get(tx, &cx.actor, &query))
        .await
}

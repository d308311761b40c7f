//! What is printed: all figures in one table, and the goals with what became of them in another.

use crate::{
    fan::Outcome,
    suite::{CROWD, CROWD_RATE, Database, Figures, RATE, STALLED, WATCHING},
};

/// Prints a database's run.
pub fn print(name: &str, run: &Database, node: Option<&Figures>) {
    println!("| {name} | what | per second | p50 ms | p99 ms | missing |");
    println!("| --- | --- | ---: | ---: | ---: | ---: |");
    server("actix-ws alone", &run.limit);
    row(
        "actix-ws that stores first",
        "50 x 20, 200 messages/s",
        &run.stored_limit,
    );
    if let Some(node) = node {
        server("npm socket.io", node);
    }
    server("ours, stored", &run.ours.figures);
    row("ours, typing", "50 x 20", &run.ours.typing_50);
    row("ours, typing", "1 x 1000", &run.ours.typing_1);
    let watched = format!("50 x 20, {WATCHING} agents' lists beside");
    row("ours, stored", &watched, &run.ours.watched);
    row("ours, stored", "16 x 2, all agents", &run.ours.agents);
    let crowd = format!("{CROWD} connections, {CROWD_RATE} messages/s, one comes and goes each second");
    row("ours, stored", &crowd, &run.ours.crowd);
    println!(
        "| ours, stored | KiB each of them, all that the server holds / of that mapped files | {:.1} / {:.1} | | | |",
        run.ours.crowd_kib_each, run.ours.crowd_mapped_kib_each
    );
    println!(
        "| the database | insert a message, commit | {:.0} | {:.2} | | |",
        run.inserts.per_second, run.inserts.p50
    );
    println!(
        "| the database | the same, {RATE} a second | {RATE} | {:.2} | | |\n",
        run.inserts.rested_p50
    );
    println!("| goal on {name} | wanted | is | |");
    println!("| --- | ---: | ---: | --- |");
    for goal in goals(run, node) {
        let met = if goal.is_met() { "met" } else { "**not met**" };
        let sign = if goal.at_least { "≥" } else { "≤" };
        println!(
            "| {} | {sign} {:.2} {} | {:.2} | {met} |",
            goal.what, goal.wanted, goal.unit, goal.is
        );
    }
    println!();
}

fn server(name: &str, figures: &Figures) {
    row(name, "50 x 20", &figures.rooms_50);
    row(name, "1 x 1000", &figures.room_1);
    row(name, "500 x 2", &figures.rooms_500);
    row(name, "50 x 20, 200 messages/s", &figures.steady);
    row(name, "4 x 50, half of them do not read", &figures.stalled);
    row(name, "4 x 50, all of them read", &figures.unstalled);
    println!(
        "| {name} | connect and join, 5,000 | {:.0} | | | |",
        figures.idle.per_second
    );
    println!(
        "| {name} | KiB a connection, idle / that does not read | {:.1} / {:.1} | | | |",
        figures.idle.kib_each,
        kib_each_stalled(figures)
    );
}

fn row(name: &str, what: &str, outcome: &Outcome) {
    let Outcome {
        delivered_per_second,
        p50,
        p99,
        missing,
        lost,
        ..
    } = outcome;
    let lost = if *lost == 0 {
        String::new()
    } else {
        format!(", {lost} readers cut")
    };
    println!("| {name} | {what} | {delivered_per_second:.0} | {p50:.2} | {p99:.2} | {missing}{lost} |");
}

fn kib_each_stalled(figures: &Figures) -> f64 {
    figures.stalled.grown_kib as f64 / STALLED as f64
}

struct Goal {
    what: &'static str,
    at_least: bool,
    wanted: f64,
    is: f64,
    unit: &'static str,
}

impl Goal {
    fn is_met(&self) -> bool {
        if self.at_least {
            self.is >= self.wanted
        } else {
            self.is <= self.wanted
        }
    }
}

fn goals(run: &Database, node: Option<&Figures>) -> Vec<Goal> {
    let (ours, limit) = (&run.ours.figures, &run.limit);
    let at_least = |what, wanted, is, unit| Goal {
        what,
        at_least: true,
        wanted,
        is,
        unit,
    };
    let at_most = |what, wanted, is, unit| Goal {
        what,
        at_least: false,
        wanted,
        is,
        unit,
    };
    let floor = "of 1/(1/broadcast + 1/insert)";
    let of_floor = |ours: &Outcome, limit: &Outcome| {
        ours.sent_per_second * (1.0 / limit.sent_per_second + 1.0 / run.inserts.per_second)
    };
    let mut goals = vec![
        at_least(
            "50 x 20 stored",
            0.5,
            of_floor(&ours.rooms_50, &limit.rooms_50),
            floor,
        ),
        at_least(
            "500 x 2 stored",
            0.4,
            of_floor(&ours.rooms_500, &limit.rooms_500),
            floor,
        ),
        at_most(
            "200 messages/s, p50",
            limit.steady.p50 + 1.5 * run.inserts.p50,
            ours.steady.p50,
            "ms: the limit's and 1.5 commits",
        ),
        at_most(
            "the same, of commits at that pace",
            limit.steady.p50 + 1.5 * run.inserts.rested_p50,
            ours.steady.p50,
            "ms",
        ),
        at_least(
            "connect and join",
            0.5,
            ours.idle.per_second / limit.idle.per_second,
            "of the limit",
        ),
        at_most("a connection", 24.0, ours.idle.kib_each, "KiB"),
        at_most(
            "a member that does not read",
            256.0,
            kib_each_stalled(ours),
            "KiB",
        ),
        at_most(
            "of 10,000 connections, each, mapped files aside",
            30.0,
            run.ours.crowd_kib_each - run.ours.crowd_mapped_kib_each,
            "KiB",
        ),
        at_most("their p99", 500.0, run.ours.crowd.p99, "ms"),
        at_most(
            "frames that they missed, and cuts",
            0.0,
            run.ours.crowd.missing as f64 + run.ours.crowd.lost as f64,
            "",
        ),
        at_most(
            "p99 of those who read beside a hundred who do not",
            2.0,
            ours.stalled.p99 / ours.unstalled.p99,
            "of the same while all read",
        ),
        at_most(
            "the server's growth by them",
            100.0,
            ours.stalled.grown_kib as f64 / 1024.0,
            "MiB",
        ),
        at_most(
            "frames that readers missed beside it",
            0.0,
            ours.stalled.missing as f64,
            "",
        ),
    ];
    if let Some(node) = node {
        let ratio = |ours: f64, node: f64| ours / node;
        goals.push(at_least(
            "50 x 20 stored",
            0.6,
            ratio(
                ours.rooms_50.delivered_per_second,
                node.rooms_50.delivered_per_second,
            ),
            "of npm's socket.io, which stores nothing",
        ));
        goals.push(at_least(
            "connect and join",
            1.0,
            ratio(ours.idle.per_second, node.idle.per_second),
            "of npm's socket.io",
        ));
    }
    goals
}

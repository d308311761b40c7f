//! The server: migrations, listener, workers. Knows its address before it serves.

use std::{
    net::{SocketAddr, TcpListener, ToSocketAddrs},
    time::Duration,
};

use actix_web::{
    App as Actix, HttpServer,
    dev::Server as ActixServer,
    middleware::{Condition, from_fn},
    web::Data,
};
use anyhow::Context;
use tokio::sync::watch;

use crate::{
    app::{App, FirstStart, mailer::Mailer},
    clock::Clock,
    config::Config,
    db, http, jobs, ws,
};

/// How long a stopping server waits for the mail that is just being sent.
const LAST_MAIL: Duration = Duration::from_secs(8);

/// A server that is bound but does not serve yet.
pub struct Server {
    pub app: App,
    pub address: SocketAddr,
    pub first_start: FirstStart,
    mailer: Mailer,
    running: ActixServer,
}

impl Server {
    /// Brings the database up to date, makes first accounts, binds.
    pub async fn start(mut config: Config, clock: Clock) -> anyhow::Result<Self> {
        let target = config.database.target.clone();
        let migrated = actix_web::web::block(move || db::migrate::run(&target)).await??;
        if migrated.adopted {
            tracing::info!("an existing casedb was adopted: every row stays");
        }
        let listener = bind(&config)?;
        let address = listener.local_addr()?;
        config.http.port = address.port();
        let mailer = Mailer::open(&config.mail, &config.http.name())?;
        let app = App::open(config, clock)?;
        let first_start = app.prepare_accounts().await?;
        let running = serve(app.clone(), listener)?;
        Ok(Self {
            app,
            address,
            first_start,
            mailer,
            running,
        })
    }

    /// A handle to stop it.
    pub fn handle(&self) -> actix_web::dev::ServerHandle {
        self.running.handle()
    }

    /// Serves until it is stopped by its handle or a signal: sockets are told to come back, requests are finished.
    pub async fn run(self) -> std::io::Result<()> {
        let (app, handle) = (self.app.clone(), self.running.handle());
        let jobs = [
            actix_web::rt::spawn(jobs::keep_house(app.clone())),
            actix_web::rt::spawn(jobs::tell_presence(app.clone())),
            actix_web::rt::spawn(jobs::tell_lists(app.clone())),
            actix_web::rt::spawn(jobs::follow_others(app.clone())),
            actix_web::rt::spawn(jobs::spread_notices(app.clone())),
        ];
        let signals = actix_web::rt::spawn(async move {
            stop_signal().await;
            tracing::info!("stopping");
            app.hub.say_goodbye();
            handle.stop(true).await;
        });
        let (stop, stopped) = watch::channel(false);
        let mut mail = actix_web::rt::spawn(jobs::send_mail(self.app, self.mailer, stopped));
        let outcome = self.running.await;
        signals.abort();
        for job in jobs {
            job.abort();
        }
        stop.send_replace(true);
        if tokio::time::timeout(LAST_MAIL, &mut mail).await.is_err() {
            // Whoever starts next finds it claimed, and sends it again.
            mail.abort();
        }
        outcome
    }
}

/// Resolves when the process is asked to stop.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
        // Without a handler the signal ends the process by itself.
        (_, _) => std::future::pending().await,
    }
}

fn bind(config: &Config) -> anyhow::Result<TcpListener> {
    let (host, port) = (config.http.host.as_str(), config.http.port);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let addresses: Vec<SocketAddr> = (host, port)
        .to_socket_addrs()
        .with_context(|| format!("HOST: `{host}` is no address"))?
        .collect();
    TcpListener::bind(addresses.as_slice())
        .with_context(|| format!("PORT: {host}:{port} cannot be listened on"))
}

fn serve(app: App, listener: TcpListener) -> anyhow::Result<ActixServer> {
    let workers = app.config().http.workers;
    let spa = Data::new(http::Spa::new());
    let engines = Data::new(ws::Engines::default());
    let server = HttpServer::new(move || {
        let http_config = &app.config().http;
        Actix::new()
            .app_data(Data::new(app.clone()))
            .app_data(spa.clone())
            .app_data(engines.clone())
            .wrap(Condition::new(
                !http_config.cors_origins.is_empty(),
                http::cors(http_config),
            ))
            .wrap(from_fn(http::guard))
            .configure(http::configure)
            .configure(ws::configure)
            .configure(http::configure_fallback)
    })
    .workers(workers)
    .worker_max_blocking_threads(32)
    .client_request_timeout(Duration::from_secs(10))
    // Otherwise the second of two live frames waits until the first is acknowledged: 40 ms.
    .tcp_nodelay(true)
    .on_connect(|connection, _| give_up_in_time(connection))
    .disable_signals()
    .shutdown_timeout(10)
    .listen(listener)?
    .run();
    Ok(server)
}

/// Whoever takes nothing of what was sent for this long is gone, also if his machine still answers.
const TAKES_NOTHING: Duration = Duration::from_secs(20);

/// Otherwise the system would keep what a client does not take for a quarter of an hour or for ever.
fn give_up_in_time(connection: &dyn std::any::Any) {
    if let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>()
        && let Err(error) =
            rustix::net::sockopt::set_tcp_user_timeout(stream, TAKES_NOTHING.as_millis() as u32)
    {
        tracing::debug!(%error, "no limit for a client that takes nothing");
    }
}

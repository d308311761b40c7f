//! `TestApp`: a running server with its own database, folder and clock, and the people who use it.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use casedesk::{
    actions::{accounts::ARGON2ID, sessions},
    app::{App, Hasher},
    clock::Clock,
    config::{Config, Vars},
    db::{self, users::InsertUser},
    domain::{actor::Actor, tokens},
    server::Server,
};
use shared::{Role, Secret, UserId, sessions::SESSION_COOKIE};
use tempfile::TempDir;

use super::{Client, database::Database};

/// The password of everybody whom a test makes.
pub const PASSWORD: &str = "correct horse battery";

/// A running server.
pub struct TestApp {
    pub app: App,
    pub address: SocketAddr,
    pub clock: Clock,
    pub database: Arc<Database>,
    pub set_up_link: Option<String>,
    folder: Arc<TempDir>,
    settings: BTreeMap<String, String>,
    handle: actix_web::dev::ServerHandle,
    running: std::cell::RefCell<Option<actix_web::rt::task::JoinHandle<std::io::Result<()>>>>,
    http: reqwest::Client,
}

/// A server on an empty database.
pub async fn spawn_app() -> TestApp {
    spawn_app_with(&[]).await
}

/// A server on an empty database, with settings.
pub async fn spawn_app_with(settings: &[(&str, &str)]) -> TestApp {
    TestApp::on(Database::empty(), settings).await
}

impl TestApp {
    /// A server on that database.
    pub async fn on(database: Database, settings: &[(&str, &str)]) -> Self {
        let settings = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let folder = Arc::new(tempfile::tempdir().unwrap());
        Self::start(Arc::new(database), folder, settings, noon())
            .await
            .unwrap()
    }

    async fn start(
        database: Arc<Database>,
        folder: Arc<TempDir>,
        settings: BTreeMap<String, String>,
        clock: Clock,
    ) -> anyhow::Result<Self> {
        let defaults = BTreeMap::from([
            ("PORT", "0".to_owned()),
            ("WORKERS", "2".to_owned()),
            ("DATABASE_URL", database.url()),
            ("DATA_DIR", folder.path().display().to_string()),
        ]);
        let config = Config::from_vars(&Vars(&|name| {
            settings.get(name).or_else(|| defaults.get(name)).cloned()
        }))?;
        let server = Server::start(config, clock.clone()).await?;
        let (app, address, set_up_link) = (
            server.app.clone(),
            server.address,
            server.first_start.set_up_link.clone(),
        );
        let handle = server.handle();
        let running = std::cell::RefCell::new(Some(actix_web::rt::spawn(server.run())));
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self {
            app,
            address,
            clock,
            database,
            set_up_link,
            folder,
            settings,
            handle,
            running,
            http,
        })
    }

    /// One more server on the same database and folder, as after a deploy or on a second node.
    pub async fn another(&self) -> Self {
        let (database, folder) = (Arc::clone(&self.database), Arc::clone(&self.folder));
        Self::start(database, folder, self.settings.clone(), self.clock.clone())
            .await
            .unwrap()
    }

    /// The same, with other settings.
    pub async fn another_with(&self, settings: &[(&str, &str)]) -> Self {
        let (database, folder) = (Arc::clone(&self.database), Arc::clone(&self.folder));
        let mut all = self.settings.clone();
        all.extend(
            settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        Self::start(database, folder, all, self.clock.clone())
            .await
            .unwrap()
    }

    /// Stops the server: requests and sockets are cut.
    pub async fn stop(&self) {
        self.handle.stop(false).await;
        let running = self.running.take();
        if let Some(running) = running {
            running.await.unwrap().unwrap();
        }
    }

    /// Stops the server and starts it anew on the same database.
    pub async fn restart(self) -> Self {
        self.stop().await;
        self.another().await
    }

    /// Where everything lies that is not in the database.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Where uploads lie.
    pub fn uploads(&self) -> std::path::PathBuf {
        self.folder.path().join("uploads")
    }

    /// The stored files, finished or not.
    pub fn stored_files(&self) -> Vec<String> {
        let list = |dir: std::path::PathBuf| -> Vec<String> {
            let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
            let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
            files
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect()
        };
        let mut files = list(self.uploads());
        files.extend(
            list(self.uploads().join("incoming"))
                .into_iter()
                .map(|name| format!("incoming/{name}")),
        );
        files.sort();
        files
    }

    /// What a counter of the server's stands at.
    pub async fn metric(&self, name: &str) -> u64 {
        let text = self.nobody().get("/metrics").await.text().into_owned();
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.map_or(0, |value| value.trim().parse().unwrap())
    }

    /// Somebody who is not logged in.
    pub fn nobody(&self) -> Client {
        Client::new(self.app.clone(), self.address, self.http.clone())
    }

    /// A customer with an account, logged in.
    pub async fn customer(&self, username: &str) -> Client {
        self.person(username, Role::Customer).await
    }

    /// An agent with an account, logged in.
    pub async fn agent(&self, username: &str) -> Client {
        self.person(username, Role::Admin).await
    }

    async fn person(&self, username: &str, role: Role) -> Client {
        let id = self.account(username, role).await;
        self.as_user(id).await
    }

    /// An account whose password is [`PASSWORD`].
    pub async fn account(&self, username: &str, role: Role) -> UserId {
        let (username, hash) = (username.to_owned(), password_hash().await);
        let insert = move |tx: &mut casedesk::actions::Tx<'_>| {
            let email = format!("{username}@example.com");
            let user = InsertUser {
                username: &username,
                password: &hash,
                password_scheme: ARGON2ID,
                email: Some(&email),
                phone: None,
                full_name: None,
                role,
                must_change_password: false,
                created_at: tx.now,
                is_active: true,
            };
            Ok(db::users::insert(tx.conn, &user)?)
        };
        self.app.write(insert).await.unwrap()
    }

    /// Whom the server takes a client for.
    pub async fn actor(&self, client: &Client) -> Actor {
        let hash = tokens::hash(&client.cookie(SESSION_COOKIE).unwrap());
        let identify = move |tx: &mut casedesk::actions::Tx<'_>| sessions::identify(tx, &hash);
        self.app.read(identify).await.unwrap().actor
    }

    /// That account, with a new session.
    pub async fn as_user(&self, id: UserId) -> Client {
        let open = move |tx: &mut casedesk::actions::Tx<'_>| {
            let user = db::users::find(tx.conn, id)?.unwrap();
            Ok((user.username.clone(), sessions::open(tx, &user, "test")?))
        };
        let (username, session) = self.app.write(open).await.unwrap();
        let client = self.nobody().named(id, &username);
        client.set_cookie(SESSION_COOKIE, session.token.expose());
        client
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // The command is sent at once; nobody waits for it.
        drop(self.handle.stop(false));
    }
}

/// A clock at today's noon in the default zone: no test sees midnight pass unless it moves the clock.
pub fn noon() -> Clock {
    let clock = Clock::default();
    let now = clock.now();
    clock.advance((now.date().and_hms_opt(4, 0, 0).unwrap() - now).num_seconds());
    clock
}

/// Hashing takes its time: once per process is enough.
async fn password_hash() -> String {
    static HASH: tokio::sync::OnceCell<String> = tokio::sync::OnceCell::const_new();
    HASH.get_or_init(|| async {
        Hasher::start()
            .unwrap()
            .hash(Secret::new(PASSWORD))
            .await
            .unwrap()
    })
    .await
    .clone()
}

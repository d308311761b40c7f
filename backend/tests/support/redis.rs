//! A private Redis that a test can stop, start and lie through.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use redis::AsyncCommands;

/// A Redis of one's own; it ends with the test.
pub struct Redis {
    port: u16,
    process: Option<Child>,
}

impl Redis {
    /// One that runs.
    pub async fn start() -> Self {
        let mut redis = Self::stopped();
        redis.resume().await;
        redis
    }

    /// One that does not run yet.
    pub fn stopped() -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .unwrap()
            .port();
        Self { port, process: None }
    }

    /// For `REDIS_URL`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Makes a user who hears everything and can say nothing; for `REDIS_URL`.
    pub async fn mute_user(&self) -> String {
        let client = redis::Client::open(self.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        redis::cmd("ACL")
            .arg(&["SETUSER", "mute", "on", ">mute", "~*", "&*", "+@all", "-publish"])
            .exec_async(&mut connection)
            .await
            .unwrap();
        format!("redis://mute:mute@127.0.0.1:{}/0", self.port)
    }

    /// Starts it.
    pub async fn resume(&mut self) {
        let process = Command::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .current_dir(std::env::temp_dir())
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is on PATH (Debian: apt-get install redis-server)");
        self.process = Some(process);
        super::eventually("Redis answers", async || {
            tokio::net::TcpStream::connect(("127.0.0.1", self.port))
                .await
                .is_ok()
        })
        .await;
    }

    /// Kills it.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Has it been started and not killed?
    pub fn is_running(&self) -> bool {
        self.process.is_some()
    }

    /// Stops it in its tracks: connections stay open, nothing is answered. Until [`Redis::thaw`].
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let id = self.process.as_ref().unwrap().id().to_string();
        assert!(
            Command::new("kill")
                .args(["-s", name, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Says anything on the servers' channel.
    pub async fn publish(&self, text: impl redis::ToSingleRedisArg + Send + Sync) {
        let client = redis::Client::open(self.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let heard: usize = connection.publish("casedesk:live", text).await.unwrap();
        assert!(heard > 0, "no server listens");
    }

    /// Whether that many servers listen.
    pub async fn has_listeners(&self, wanted: usize) -> bool {
        let Ok(client) = redis::Client::open(self.url()) else {
            return false;
        };
        let Ok(Ok(mut connection)) =
            tokio::time::timeout(Duration::from_secs(1), client.get_multiplexed_async_connection()).await
        else {
            return false;
        };
        let heard: Result<usize, _> = connection.publish("casedesk:live", "").await;
        heard.is_ok_and(|heard| heard == wanted)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

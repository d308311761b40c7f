//! Two servers behind nginx, with the very configuration of the documentation.

use std::{
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
};

use serde_json::json;
use tempfile::TempDir;

use crate::support::{Client, SocketIo, TestApp, Transport, eventually, redis::Redis, spawn_app_with};

/// A running nginx; it ends with the test.
struct Nginx {
    process: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Nginx {
    async fn start(servers: [SocketAddr; 2]) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let documented = include_str!("../../docs/nginx.conf");
        let mut config = documented.to_owned();
        for (documented, ours) in [
            ("server 127.0.0.1:5000;", format!("server {};", servers[0])),
            ("server 127.0.0.1:5001;", format!("server {};", servers[1])),
            ("listen 8080;", format!("listen {address};")),
        ] {
            assert!(config.contains(documented), "{documented}");
            config = config.replace(documented, &ours);
        }
        let own = format!(
            "daemon off;\nmaster_process off;\nworker_processes 1;\npid {0}/pid;\nerror_log {0}/error.log;\n",
            folder.path().display()
        );
        let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {}/{name};\n", folder.path().display()))
            .concat();
        config = config.replace("http {", &format!("http {{\naccess_log off;\n{paths}"));
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, own + &config).unwrap();
        let process = Command::new("nginx")
            .arg("-p")
            .arg(folder.path())
            .arg("-c")
            .arg(&file)
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx is on PATH (Debian: apt-get install nginx)");
        eventually("nginx answers", async || {
            tokio::net::TcpStream::connect(address).await.is_ok()
        })
        .await;
        Self {
            process,
            address,
            _folder: folder,
        }
    }

    /// The same account, by way of the proxy.
    fn by_way(&self, app: &TestApp, who: &Client) -> Client {
        let client = Client::new(
            app.app.clone(),
            self.address,
            reqwest::Client::builder().no_proxy().build().unwrap(),
        );
        let session = who.cookie(shared::sessions::SESSION_COOKIE).unwrap();
        client.set_cookie(shared::sessions::SESSION_COOKIE, &session);
        client.named(who.id, &who.username)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[actix_web::test]
async fn both_doors_work_through_nginx_whichever_server_one_lands_on() {
    let redis = Redis::start().await;
    let here = spawn_app_with(&[("REDIS_URL", &redis.url())]).await;
    let there = here.another().await;
    eventually("the servers hear each other", async || {
        here.app.hears_others() && there.app.hears_others()
    })
    .await;
    let nginx = Nginx::start([here.address, there.address]).await;
    let ann = here.customer("ann").await;
    let ticket = ann.submits("代理").await;
    let mut doors = Vec::new();
    for n in 0..4 {
        for transport in Transport::ALL {
            let agent = here.agent(&format!("bob{n}{}", transport as u8)).await;
            let mut door = SocketIo::enter(&nginx.by_way(&here, &agent), transport).await;
            door.join(ticket, Some(0)).await;
            doors.push(door);
        }
    }
    let mut plain = nginx.by_way(&here, &ann).live().await;
    plain.join(ticket).await;
    // Socket.IO goes by the address, and so all of it to one server; the others go by their session.
    let mut others = Vec::new();
    for n in 0..16 {
        let agent = here.agent(&format!("eve{n}")).await;
        others.push(nginx.by_way(&here, &agent).live().await);
    }
    assert!(
        here.app.hub.connections() > 0 && there.app.hub.connections() > 0,
        "everybody landed on one server"
    );
    let last = doors.len() as i64;
    for n in 1..=last {
        let content = n.to_string();
        let data = json!({ "ticket_id": ticket, "content": content });
        let at = n as usize - 1;
        let answer = doors[at].ask("send_message", &data).await;
        assert_eq!(answer["success"], true, "{answer}");
    }
    // The first answer moves the ticket: one more number than messages.
    for door in &mut doors {
        let mut seqs = Vec::new();
        while seqs.len() <= last as usize {
            let (name, data) = door.next().await;
            if matches!(name.as_str(), "new_message" | "status_changed") {
                seqs.push(data["seq"].as_i64().unwrap());
            }
        }
        assert_eq!(seqs, (1..=last + 1).collect::<Vec<_>>());
    }
    for n in 1..=last + 1 {
        assert_eq!(plain.next_durable().await.durable().unwrap().1, n);
    }
}

#[actix_web::test]
async fn a_client_that_shows_its_cookie_at_the_handshake_only_goes_on_polling() {
    let redis = Redis::start().await;
    let here = spawn_app_with(&[("REDIS_URL", &redis.url())]).await;
    let there = here.another().await;
    let nginx = Nginx::start([here.address, there.address]).await;
    let ann = here.customer("ann").await;
    let ticket = ann.submits("轮询").await;
    for n in 0..8 {
        let agent = here.agent(&format!("bob{n}")).await;
        let mut door = SocketIo::open(&nginx.by_way(&here, &agent), Transport::Polling).await;
        door.forget_cookies();
        door.say("40").await;
        door.join(ticket, Some(0)).await;
    }
}

//! A Postfix of one's own that delivers into a Maildir: a mail server that is not ours, with its own reader of mails.

use std::{fs, path::PathBuf, process::Command};

use tempfile::TempDir;

/// The server; it ends with the test. Postfix insists on being started by root.
pub struct Postfix {
    pub port: u16,
    folder: TempDir,
}

const SERVICES: &str = "\
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
";

impl Postfix {
    /// Starts it on a free port, with STARTTLS by this certificate and key.
    pub fn start(certificate: &str, key: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let at = |name: &str| folder.path().join(name);
        for name in ["config", "queue", "data", "mail"] {
            fs::create_dir(at(name)).unwrap();
        }
        fs::write(at("config/server.pem"), format!("{key}{certificate}")).unwrap();
        fs::write(
            at("config/master.cf"),
            format!("127.0.0.1:{port} inet n - n - - smtpd\n{SERVICES}"),
        )
        .unwrap();
        let path = |name: &str| at(name).display().to_string();
        let (config, queue, data, mail) = (path("config"), path("queue"), path("data"), path("mail"));
        fs::write(
            at("config/main.cf"),
            format!(
                "compatibility_level = 3.6\nqueue_directory = {queue}\ndata_directory = {data}\n\
                 maillog_file = /dev/stdout\nmaillog_file_prefixes = /dev\nmyhostname = mail.test\n\
                 mydestination =\nalias_maps =\nalias_database =\nlocal_recipient_maps =\ninet_interfaces = 127.0.0.1\n\
                 inet_protocols = ipv4\nvirtual_mailbox_domains = example.com\nvirtual_mailbox_base = {mail}\n\
                 virtual_mailbox_maps = static:all/\nvirtual_uid_maps = static:65534\nvirtual_gid_maps = static:65534\n\
                 virtual_minimum_uid = 100\nsmtpd_tls_chain_files = {config}/server.pem\nsmtpd_tls_security_level = encrypt\n\
                 smtpd_relay_restrictions = reject_unauth_destination\n"
            ),
        )
        .unwrap();
        // Postfix runs as its own user, the mailbox as nobody; the folder of a test is the owner's alone.
        let run = |program: &str, args: &[&str]| {
            let output = Command::new(program).args(args).output().expect(program);
            assert!(
                output.status.success(),
                "{program} {args:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        };
        run("chmod", &["755", &folder.path().display().to_string()]);
        run("chown", &["postfix", &data]);
        run("chown", &["nobody", &mail]);
        run("postfix", &["-c", &config, "start"]);
        Self { port, folder }
    }

    /// What lies in the Maildir, as it was stored.
    pub fn delivered(&self) -> Vec<PathBuf> {
        let new = self.folder.path().join("mail/all/new");
        let entries = fs::read_dir(new).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let config = self.folder.path().join("config");
        let stop = Command::new("postfix").arg("-c").arg(config).arg("stop").output();
        drop(stop);
    }
}

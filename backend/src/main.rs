//! The binary: `casedesk serve` (the default) and the commands beside it.

use std::{io::Write, process::ExitCode};

use casedesk::{
    app::{App, try_mail},
    clock::Clock,
    config::Config,
    db,
    server::Server,
    telemetry,
};
use clap::{Parser, Subcommand};
use shared::{Lang, mails::Speaker};

/// CaseDesk (云户工单), a support-ticket system in one binary. Settings come from the environment and `.env`.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve pages, API and sockets (the default)
    Serve,
    /// Bring the database up to date and stop
    Migrate,
    /// Try the mail server
    Mail {
        #[command(subcommand)]
        command: MailCommand,
    },
    /// Wrap every old MD5 password in argon2id; there is no way back
    HardenPasswords {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Subcommand)]
enum MailCommand {
    /// Send a test mail and show every step with the server's own words
    Test {
        /// Where it goes
        address: String,
    },
    /// Print the DNS record by which receivers check signed mails
    Dkim,
}

/// What `mail dkim` says while there is no key.
const HOW_TO_SIGN: &str = "mails are not signed: DKIM_KEY_FILE is not set. Make a key and name it:
  openssl genrsa -out dkim.pem 2048
  DKIM_KEY_FILE=dkim.pem
  DKIM_SELECTOR=desk
Then `casedesk mail dkim` prints the DNS record to publish.";

#[actix_web::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    telemetry::start();
    let config = match Config::from_env() {
        Ok(config) => config,
        Err(error) => return fail(&error.to_string()),
    };
    let outcome = match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(config).await,
        Command::Migrate => db::migrate::run(&config.database.target).map(|done| {
            println!(
                "{} migrations run{}",
                done.ran,
                if done.adopted {
                    ", an existing casedb adopted"
                } else {
                    ""
                }
            );
        }),
        Command::Mail {
            command: MailCommand::Test { address },
        } => test_mail(config, &address).await,
        Command::Mail {
            command: MailCommand::Dkim,
        } => show_dkim(&config),
        Command::HardenPasswords { yes } => harden_passwords(config, yes).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("{error:#}")),
    }
}

/// One clear line, exit 2.
fn fail(reason: &str) -> ExitCode {
    eprintln!("casedesk: {reason}");
    ExitCode::from(2)
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let server = Server::start(config, Clock::default()).await?;
    let url = server.app.config().http.public_url();
    println!("CaseDesk is ready: {url}/case/");
    let first = &server.first_start;
    if first.accounts_made && first.default_admin && first.set_up_link.is_none() {
        println!(
            "First log-in: admin/admin123 at {url}/case/admin/login, customer/customer123 at {url}/case/login"
        );
    }
    if let Some(link) = &first.set_up_link {
        println!(
            "The administrator's password is still the documented one and is refused here. Choose another within 24 hours: {link}"
        );
    }
    server.run().await?;
    Ok(())
}

async fn test_mail(config: Config, address: &str) -> anyhow::Result<()> {
    let lang = Lang::from_accept(&std::env::var("LANG").unwrap_or_default());
    let report = try_mail(&config, Clock::default().now(), address, lang)
        .await
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    for line in &report.lines {
        let sign = match line.speaker {
            Speaker::Client => ">",
            Speaker::Server => "<",
            Speaker::Note => "*",
        };
        println!("{sign} {}", line.text);
    }
    if let Some(hint) = &report.hint {
        println!("{hint}");
    }
    anyhow::ensure!(report.sent, "{}", report.answer);
    println!("{}", report.answer);
    Ok(())
}

fn show_dkim(config: &Config) -> anyhow::Result<()> {
    let Some(signer) = &config.mail.dkim else {
        anyhow::bail!("{HOW_TO_SIGN}");
    };
    let record = signer.record();
    println!("name   {}", record.name);
    println!("type   TXT");
    println!("value  {}", record.value);
    println!("\nIn a zone file:\n{}", record.zone_line());
    Ok(())
}

async fn harden_passwords(config: Config, yes: bool) -> anyhow::Result<()> {
    db::migrate::run(&config.database.target)?;
    let app = App::open(config, Clock::default())?;
    if !yes {
        print!(
            "Every MD5 password will be wrapped in argon2id. Other systems that read this table cannot check passwords afterwards. Go on? [y/N] "
        );
        std::io::stdout().flush()?;
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer)?;
        if !matches!(answer.trim(), "y" | "Y" | "yes") {
            println!("Nothing was changed.");
            return Ok(());
        }
    }
    let wrapped = app
        .harden_passwords()
        .await
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    println!("{wrapped} passwords are wrapped.");
    Ok(())
}

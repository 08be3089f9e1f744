//! One file a group of commands.

mod activity;
mod app;
mod audit;
mod backup;
mod call;
pub(crate) mod call_input;
mod cimd;
mod client_keys;
mod client_secrets;
mod config;
mod connect;
mod doctor;
pub(crate) mod generate;
mod given;
mod hosts;
mod keys;
mod mcp;
mod register;
mod run;
mod sandbox;
mod session;
mod settings;
mod sign_in;
mod token;
mod vault;

use keywright_core::{Keywright, SecretText, view::SecretRef};

use crate::{
    agent,
    args::{AuditCommand, Cli, Command, ConfigCommand},
    failure::Failure,
    follow_up_commands, output, unlock,
};

/// Runs the command; gives its exit code.
pub(crate) async fn run(cli: &Cli, keywright: &Keywright) -> Result<u8, Failure> {
    let opens = opens_vault(&cli.command);
    if opens {
        unlock::open(cli, keywright).await?;
    }
    let code = match &cli.command {
        Command::Init {
            keyring,
            passphrase,
        } => vault::init(cli, keywright, *keyring, passphrase.as_ref()).await?,
        Command::Unlock { hold } => vault::unlock(cli, keywright, hold.as_deref()).await?,
        Command::Lock => vault::lock(cli, keywright).await?,
        Command::Agent { seconds } => agent::serve(keywright, *seconds).await?,
        Command::Status => vault::status(cli, keywright).await?,
        Command::Doctor => doctor::run(cli, keywright).await?,
        Command::Vault(command) => keys::run(cli, keywright, command).await?,
        Command::Config(command) => config::run(cli, keywright, command).await?,
        Command::Probe { issuer } => config::probe(cli, keywright, issuer).await?,
        Command::App(command) => app::run(cli, keywright, command).await?,
        Command::Key(command) => client_keys::run(cli, keywright, command).await?,
        Command::Connect(args) => Box::pin(connect::run(cli, keywright, args)).await?,
        Command::Cimd(command) => cimd::run(cli, keywright, command).await?,
        Command::Mcp(command) => mcp::run(cli, keywright, command).await?,
        Command::Token(command) => Box::pin(token::run(cli, keywright, command)).await?,
        Command::Call(call) => call::run(cli, keywright, call).await?,
        Command::Run { app, command } => run::run(cli, keywright, app, command).await?,
        Command::Session(command) => session::run(cli, keywright, command).await?,
        Command::Activity(command) => activity::run(cli, keywright, command)?,
        Command::Sandbox(command) => sandbox::run(cli, keywright, command).await?,
        Command::Backup { file, passphrase } => {
            backup::back_up(cli, keywright, file, passphrase).await?
        }
        Command::Restore {
            file,
            passphrase,
            yes,
        } => backup::restore(cli, keywright, file, passphrase.as_ref(), *yes).await?,
        Command::Audit(AuditCommand::Verify) => audit::verify(cli, keywright)?,
        Command::Settings(command) => settings::run(cli, keywright, command)?,
        Command::Completion { shell } => generate::completion(*shell),
        Command::Man { out } => generate::man(out)?,
    };
    if opens {
        token::finish_checks(keywright).await;
        keywright.lock();
    }
    Ok(code)
}

/// Whether the vault is opened for the command. The others need none, or open it themselves.
fn opens_vault(command: &Command) -> bool {
    match command {
        Command::Config(ConfigCommand::Presets | ConfigCommand::Keys { .. })
        | Command::Init { .. }
        | Command::Unlock { .. }
        | Command::Lock
        | Command::Agent { .. }
        | Command::Status
        | Command::Doctor
        | Command::Probe { .. }
        | Command::Sandbox(_)
        | Command::Restore { .. }
        | Command::Settings(_)
        | Command::Completion { .. }
        | Command::Cimd(_)
        | Command::Man { .. } => false,
        Command::Vault(_)
        | Command::Config(_)
        | Command::App(_)
        | Command::Key(_)
        | Command::Connect(_)
        | Command::Mcp(_)
        | Command::Token(_)
        | Command::Call(_)
        | Command::Run { .. }
        | Command::Session(_)
        | Command::Activity(_)
        | Command::Backup { .. }
        | Command::Audit(_) => true,
    }
}

/// A secret, or none where the vault holds none.
fn revealed(keywright: &Keywright, secret: &SecretRef) -> Result<Option<SecretText>, Failure> {
    match keywright.disclosure().reveal(secret) {
        Ok(value) => Ok(Some(value)),
        Err(keywright_core::CoreError::NoSecret { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Asks before something that cannot be undone.
fn confirm(cli: &Cli, yes: bool, question: &str) -> Result<(), Failure> {
    use std::io::Write as _;
    if yes {
        return Ok(());
    }
    if cli.no_input {
        return Err(Failure::Next {
            source: Box::new(Failure::NoInput {
                question: format!("{question} (--yes)"),
            }),
            next: follow_up_commands::answered_yes(),
        });
    }
    let mut status = std::io::stderr();
    let asked = write!(status, "{} [y/N] ", output::escape_control_chars(question))
        .and_then(|()| status.flush());
    let mut answer = String::new();
    let interrupted = tokio::spawn(end_when_interrupted());
    let read = std::io::stdin().read_line(&mut answer);
    interrupted.abort();
    if asked.is_err() || read.is_err() {
        return Err(Failure::NotConfirmed);
    }
    if matches!(answer.trim(), "y" | "Y" | "yes") {
        Ok(())
    } else {
        Err(Failure::NotConfirmed)
    }
}

/// Ends the program at Ctrl C. A question keeps its thread waiting for a line, so that nobody else would notice.
async fn end_when_interrupted() {
    if tokio::signal::ctrl_c().await.is_ok() {
        std::process::exit(i32::from(Failure::Interrupted.exit_code()));
    }
}

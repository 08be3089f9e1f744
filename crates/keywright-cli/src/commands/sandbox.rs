//! sandbox.

use keywright_core::{Keywright, translate};
use keywright_sandbox::{Registration, Sandbox, SandboxOptions};

use crate::{
    args::{Cli, SandboxCommand},
    failure::Failure,
    output,
    text::Key,
};

pub(crate) async fn run(
    cli: &Cli,
    keywright: &Keywright,
    command: &SandboxCommand,
) -> Result<u8, Failure> {
    let SandboxCommand::Start {
        port,
        initial_access_token,
    } = command;
    let registration = if *initial_access_token {
        Registration::InitialAccessToken
    } else {
        Registration::Open
    };
    let options = SandboxOptions {
        idp_port: *port,
        registration,
        ..SandboxOptions::default()
    };
    let sandbox = Sandbox::start(options).await?;
    let info = sandbox.info();
    output::data(cli.json, &info, || {
        let mut lines = vec![translate(keywright.lang(), Key::SandboxRunning, &[])];
        for one in &info.personalities {
            lines.push(format!("{:<12} issuer  {}", one.name, one.issuer));
            lines.push(format!("{:<12} API     {}", "", one.api_url));
        }
        lines
    })?;
    std::future::pending::<()>().await;
    Ok(0)
}

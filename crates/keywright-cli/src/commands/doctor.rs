//! doctor.

use keywright_core::{
    Clock, Keywright, translate,
    view::{CheckState, DoctorCheck, VaultState},
};

use crate::{agent, args::Cli, failure::Failure, output, text::Key, unlock};

/// Says what is well and what is not; exits with 1 when something is bad.
pub(crate) async fn run(cli: &Cli, keywright: &Keywright) -> Result<u8, Failure> {
    let not_opened = match keywright.status() {
        Ok(status) if status.state == VaultState::Missing => None,
        Ok(_) => match unlock::open(cli, keywright).await {
            Ok(()) => None,
            Err(Failure::Core(error)) => Some(error),
            Err(other) => return Err(other),
        },
        Err(error) => Some(error),
    };
    let mut report = keywright.doctor(not_opened.as_ref()).await?;
    let agent = agent_check(keywright).await;
    report.checks.push(agent);
    output::data(cli.json, &report, || {
        report.checks.iter().flat_map(lines).collect()
    })?;
    keywright.lock();
    Ok(u8::from(!report.ok))
}

/// Whether an agent runs; that none does is well. The window has none, so that only the command line looks.
async fn agent_check(keywright: &Keywright) -> DoctorCheck {
    let told = |key: Key, blanks: &[(&str, &str)]| translate(keywright.lang(), key, blanks);
    let (state, detail, fix) = match agent::state(keywright).await {
        Ok(None) => (CheckState::Ok, told(Key::AgentNone, &[]), None),
        Ok(Some(agent)) => {
            let minutes = (agent.until - Clock::system().now()).max(0).div_euclid(60);
            let blanks = [
                ("who", &*agent.pid.to_string()),
                ("detail", &*minutes.to_string()),
            ];
            (CheckState::Ok, told(Key::AgentRuns, &blanks), None)
        }
        Err(error) => (
            CheckState::Warn,
            told(Key::AgentUnusable, &[("detail", &error.to_string())]),
            Some(told(Key::AgentUnusableFix, &[])),
        ),
    };
    DoctorCheck {
        name: "agent".to_owned(),
        state,
        ok: true,
        title: told(Key::Agent, &[]),
        detail,
        fix,
    }
}

fn lines(check: &DoctorCheck) -> Vec<String> {
    let mark = match check.state {
        CheckState::Ok => "✓",
        CheckState::Warn => "!",
        CheckState::Bad => "✗",
    };
    let mut lines = vec![output::escape_control_chars(&format!(
        "{mark} {}: {}",
        check.title, check.detail
    ))];
    lines.extend(
        check
            .fix
            .as_ref()
            .map(|fix| output::escape_control_chars(&format!("    {fix}"))),
    );
    lines
}

//! doctor.

use keywright_core::{
    Keywright,
    view::{CheckState, DoctorCheck, VaultState},
};

use crate::{args::Cli, failure::Failure, output, unlock};

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
    let report = keywright.doctor(not_opened.as_ref()).await?;
    output::data(cli.json, &report, || {
        report.checks.iter().flat_map(lines).collect()
    })?;
    keywright.lock();
    Ok(u8::from(!report.ok))
}

fn lines(check: &DoctorCheck) -> Vec<String> {
    let mark = match check.state {
        CheckState::Ok => "✓",
        CheckState::Warn => "!",
        CheckState::Bad => "✗",
    };
    let mut lines = vec![output::visible(&format!(
        "{mark} {}: {}",
        check.title, check.detail
    ))];
    lines.extend(
        check
            .fix
            .as_ref()
            .map(|fix| output::visible(&format!("    {fix}"))),
    );
    lines
}

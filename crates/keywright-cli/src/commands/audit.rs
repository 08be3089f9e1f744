//! audit.

use keywright_core::Keywright;

use crate::{args::Cli, failure::Failure, output};

/// Exit code when the log was changed: "Refused for security reasons" in `--help`.
const BROKEN: u8 = 8;

pub(crate) fn verify(cli: &Cli, keywright: &Keywright) -> Result<u8, Failure> {
    let check = keywright.audit_check()?;
    output::data(cli.json, &check, || vec![check.message.clone()])?;
    Ok(if check.ok { 0 } else { BROKEN })
}

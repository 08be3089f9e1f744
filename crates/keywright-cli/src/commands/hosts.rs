//! Confirming the hosts that a configuration wants to talk to.

use keywright_core::{Keywright, translate, view::WantedHostView};

use super::confirm;
use crate::{args::Cli, failure::Failure, output, text::Key};

/// Confirms these hosts, or all that are not confirmed.
pub(super) fn run(
    cli: &Cli,
    keywright: &Keywright,
    name: &str,
    hosts: &[String],
    yes: bool,
) -> Result<u8, Failure> {
    let open: Vec<WantedHostView> = keywright
        .configurations()
        .wanted_hosts(name)?
        .into_iter()
        .filter(|one| !one.confirmed)
        .collect();
    let asked: Vec<String> = if hosts.is_empty() {
        open.iter().map(|one| one.host.clone()).collect()
    } else {
        hosts.to_vec()
    };
    if !asked.is_empty() {
        for one in open.iter().filter(|one| asked.contains(&one.host)) {
            output::status(cli.quiet, &line(one));
        }
        keywright.configurations().check_hosts(name, &asked)?;
        let hosts = asked.join(", ");
        let question = translate(keywright.lang(), Key::AskHosts, &[("hosts", &hosts)]);
        confirm(cli, yes, &question)?;
        keywright.configurations().confirm_hosts(name, &asked)?;
    }
    let all = keywright.configurations().wanted_hosts(name)?;
    let items = all
        .iter()
        .map(serde_json::to_value)
        .collect::<Result<Vec<_>, _>>()?;
    output::list(cli.json, &items, all.len(), || {
        all.iter().map(line).collect()
    })?;
    Ok(0)
}

/// A host, whether it is confirmed, and what it is asked for.
pub(super) fn line(one: &WantedHostView) -> String {
    let state = if one.confirmed {
        "confirmed"
    } else if one.secrets {
        "to confirm"
    } else {
        "no secret"
    };
    let uses = one.uses.join(", ");
    output::escape_control_chars(&format!("{:<32} {state:<10} {uses}", one.host))
}

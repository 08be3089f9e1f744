//! Confirming the hosts that a configuration wants to talk to.

use keywright_core::{Keywright, Lang, translate, view::WantedHostView};

use super::confirm;
use crate::{args::Cli, failure::Failure, output, table, text::Key};

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
        let shown = open.iter().filter(|one| asked.contains(&one.host));
        for line in lines(keywright.lang(), shown) {
            output::status(cli.quiet, &line);
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
        lines(keywright.lang(), &all)
    })?;
    Ok(0)
}

/// Hosts, whether they are confirmed, and what they are asked for.
pub(super) fn lines<'a>(
    lang: Lang,
    hosts: impl IntoIterator<Item = &'a WantedHostView>,
) -> Vec<String> {
    table::lines(hosts.into_iter().map(|one| {
        let state = if one.confirmed {
            Key::HostConfirmed
        } else if one.secrets {
            Key::HostToConfirm
        } else {
            Key::HostNoSecret
        };
        let state = translate(lang, state, &[]);
        [one.host.clone(), state, one.uses.join(", ")]
    }))
}

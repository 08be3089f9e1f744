//! config show: a configuration and what its server supports.

use keywright_core::{Keywright, ServerSupport, translate};

use super::lines;
use crate::{args::Cli, failure::Failure, follow_up_commands, output, text::Key};

pub(super) fn show(cli: &Cli, keywright: &Keywright, name: &str) -> Result<u8, Failure> {
    let one = keywright.configurations().get(name)?;
    let support = keywright.configurations().support(&one.id)?;
    output::data(cli.json, &one, || {
        let mut all = lines(&one);
        all.extend(supported(&support));
        all
    })?;
    if !cli.json && !support.is_read {
        let name = output::escape_control_chars(&follow_up_commands::quoted(one.name));
        let line = translate(keywright.lang(), Key::MetadataUnread, &[("name", &name)]);
        output::status(cli.quiet, &line);
    }
    Ok(0)
}

/// What is not known has no line; an empty list has one.
fn supported(support: &ServerSupport) -> Vec<String> {
    let endpoints = support.endpoints.iter();
    let endpoints = endpoints.map(|(name, url)| format!("endpoint  {name} {url}"));
    let lists = [
        ("grants", &support.grants),
        ("methods", &support.methods),
        ("scopes", &support.scopes),
    ];
    let lists = lists.into_iter().filter_map(|(label, values)| {
        let values = values.as_ref()?.join(" ");
        Some(format!(
            "{label:<9} {}",
            output::escape_control_chars(&values)
        ))
    });
    endpoints.chain(lists).collect()
}

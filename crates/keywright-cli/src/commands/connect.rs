//! connect.

use keywright_core::{
    Connect, ConnectInput, FoundServer, GivenClient, GivenGrant, Keywright, translate, typed_grant,
    view::{ConnectSheet, TokenView, TokenWish},
};
use serde_json::{Value, json};

use super::{config::authority, confirm, given, sign_in};
use crate::{
    args::{Cli, ConnectArgs, IdentityArgs, SignInArgs, SourceArg},
    failure::Failure,
    follow_up_commands, interrupt, output,
    source::Source,
    text::Key,
};

pub(crate) async fn run(
    cli: &Cli,
    keywright: &Keywright,
    args: &ConnectArgs,
) -> Result<u8, Failure> {
    let input = input(cli, &args.address, &args.identity, args.name.clone())?;
    let given = given::assertion(cli, keywright, &args.identity.assertion)?;
    let found = keywright.connect().inspect(input).await?;
    if args.dry_run {
        output::data(cli.json, &found.sheet, || lines(keywright, &found.sheet))?;
        return Ok(0);
    }
    let (token, _) = connected(cli, keywright, &found, given, &args.sign_in, args.yes).await?;
    let name = follow_up_commands::quoted(token.application.clone());
    let lang = keywright.lang();
    output::data(cli.json, &document(&found.sheet, &token), || {
        let shown = output::escape_control_chars(&name);
        vec![
            output::escape_control_chars(&format!("application   {}", token.application)),
            format!(
                "token         {}••••",
                token.preview.clone().unwrap_or_default()
            ),
            translate(lang, Key::Connected, &[("name", &shown)]),
        ]
    })?;
    Ok(0)
}

/// What was asked for, with the client secret from its source.
pub(crate) fn input(
    cli: &Cli,
    address: &str,
    args: &IdentityArgs,
    name: Option<String>,
) -> Result<ConnectInput, Failure> {
    // Before a secret is asked for.
    Connect::check_address(address)?;
    let grant = args.grant.as_deref().map(typed_grant).transpose()?;
    let ca_pem = args.ca_file.as_deref().map(authority).transpose()?;
    let read = |source: &Option<SourceArg>, option: &str| {
        let read = |source: &SourceArg| {
            let source = Source::parse(source, option)?;
            // A key may be a document.
            match option {
                "--client-key" => source.read(cli, option),
                _ => source.read_value(cli, option),
            }
        };
        source.as_ref().map(read).transpose()
    };
    let secret = read(&args.client_secret, "--client-secret")?;
    let key = read(&args.client_key, "--client-key")?;
    Ok(ConnectInput {
        address: address.to_owned(),
        issuer: args.issuer.clone(),
        grant,
        scopes: args.scopes.clone(),
        name,
        client: args.client_id.clone().map(|client_id| GivenClient {
            client_id,
            client_secret: secret,
            client_key: key,
            signing_alg: args.signing_alg.clone(),
        }),
        document: args.client_document.clone(),
        ca_pem,
    })
}

/// Shows the sheet, asks once, and gets the token.
pub(crate) async fn connected(
    cli: &Cli,
    keywright: &Keywright,
    found: &FoundServer,
    given: Option<GivenGrant>,
    args: &SignInArgs,
    yes: bool,
) -> Result<(TokenView, TokenWish), Failure> {
    for line in lines(keywright, &found.sheet) {
        output::status(cli.quiet, &line);
    }
    confirm(cli, yes, &found.sheet.question)?;
    let wish = keywright.connect().prepare(found).await?;
    if found.is_new() {
        interrupt::registered(&keywright.applications().get(&wish.application_id)?.name);
    }
    let tokens = keywright.tokens();
    let token = if let Some(given) = given {
        tokens.get_given(&wish, given).await?
    } else if tokens.is_sign_in(&wish)? {
        Box::pin(sign_in::run(cli, keywright, &wish, args, yes)).await?
    } else {
        tokens.get(&wish).await?
    };
    Ok((token, wish))
}

fn document(sheet: &ConnectSheet, token: &TokenView) -> Value {
    json!({
        "sheet": sheet,
        "application": token.application,
        "application_id": token.application_id,
        "token": token.id,
        "token_type": token.token_type,
        "scope": token.scope,
        "expires_at": token.expires_at,
        "from_cache": token.from_cache,
    })
}

/// The sheet as lines.
fn lines(keywright: &Keywright, sheet: &ConnectSheet) -> Vec<String> {
    let mut lines = vec![format!("address     {}", sheet.address)];
    if let Some(resource) = &sheet.resource {
        let name = sheet.resource_name.iter().map(|name| format!(" ({name})"));
        lines.push(format!(
            "resource    {resource}{}",
            name.collect::<String>()
        ));
    }
    lines.push(format!("issuer      {}", sheet.issuer));
    let further = sheet.other_issuers.iter();
    lines.extend(further.map(|issuer| format!("other       {issuer}")));
    if !sheet.hosts.is_empty() {
        let hosts = sheet.hosts.join(", ");
        let text = translate(keywright.lang(), Key::ConnectHosts, &[("hosts", &hosts)]);
        lines.push(format!("hosts       {text}"));
    }
    lines.extend(sheet.found.iter().map(|line| format!("discovery   {line}")));
    for one in &sheet.identities {
        let mark = match (one.chosen, one.accepted) {
            (true, _) => "→",
            (false, true) => "✓",
            (false, false) => "✗",
        };
        lines.push(format!("identity    {mark} {}", one.reason));
    }
    lines.extend(sheet.steps.iter().map(|step| format!("planned     {step}")));
    let shown = lines.iter();
    shown
        .map(|line| output::escape_control_chars(line))
        .collect()
}

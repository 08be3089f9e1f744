//! What a token is asked for with, where somebody gives it: an assertion, or a token to exchange.

use keywright_core::{GivenGrant, Keywright, SecretText};

use crate::{
    args::{AssertionArgs, Cli, ExchangeArgs, SourceArg},
    failure::Failure,
    source::Source,
};

/// The assertion that was given.
pub(crate) fn assertion(
    cli: &Cli,
    keywright: &Keywright,
    args: &AssertionArgs,
) -> Result<Option<GivenGrant>, Failure> {
    let given = given(
        cli,
        keywright,
        "--assertion",
        args.assertion.as_ref(),
        args.assertion_app.as_deref(),
    )?;
    Ok(given.map(|assertion| GivenGrant::Assertion { assertion }))
}

/// The token to exchange that was given.
pub(crate) fn exchange(
    cli: &Cli,
    keywright: &Keywright,
    args: &ExchangeArgs,
) -> Result<Option<GivenGrant>, Failure> {
    let subject = given(
        cli,
        keywright,
        "--subject-token",
        args.subject_token.as_ref(),
        args.subject_app.as_deref(),
    )?;
    let Some(subject_token) = subject else {
        return Ok(None);
    };
    let actor = given(
        cli,
        keywright,
        "--actor-token",
        args.actor_token.as_ref(),
        None,
    )?;
    Ok(Some(GivenGrant::TokenExchange {
        subject_token,
        subject_token_type: args.subject_token_type.clone(),
        actor: actor.map(|token| (token, args.actor_token_type.clone())),
        requested_token_type: args.requested_token_type.clone(),
    }))
}

fn given(
    cli: &Cli,
    keywright: &Keywright,
    option: &str,
    source: Option<&SourceArg>,
    application: Option<&str>,
) -> Result<Option<SecretText>, Failure> {
    match (source, application) {
        (Some(source), _) => Ok(Some(
            Source::parse(source, option)?.read_value(cli, option)?,
        )),
        (None, Some(name)) => Ok(Some(keywright.tokens().given_by(name)?)),
        (None, None) => Ok(None),
    }
}

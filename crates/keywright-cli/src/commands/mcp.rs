//! mcp.

use keywright_core::{
    Connect, CoreError, Keywright, SignInError, translate,
    view::{TokenView, TokenWish},
};
use serde_json::{Value, json};

use super::{confirm, connect, given, sign_in};
use crate::{
    args::{Cli, McpCommand, McpServerArgs, SignInArgs},
    failure::Failure,
    output, table,
    text::Key,
};

/// Exit code for a tool that reports an error.
const TOOL_FAILED: u8 = 5;

pub(crate) async fn run(
    cli: &Cli,
    keywright: &Keywright,
    command: &McpCommand,
) -> Result<u8, Failure> {
    match command {
        McpCommand::Tools { address, server } => {
            let asked = Asked::Tools { address };
            let tools = Box::pin(asked.answered(cli, keywright, server)).await?;
            let tools = tools.as_array().cloned().unwrap_or_default();
            output::list(cli.json, &tools, tools.len(), || {
                table::lines(tools.iter().map(tool_row))
            })?;
            Ok(0)
        }
        McpCommand::Call {
            address,
            tool,
            arguments,
            server,
        } => {
            let asked = Asked::Call {
                address,
                tool,
                arguments,
            };
            let result = Box::pin(asked.answered(cli, keywright, server)).await?;
            output::data(cli.json, &result, || content_lines(&result))?;
            let failed = result.get("isError") == Some(&Value::Bool(true));
            Ok(if failed { TOOL_FAILED } else { 0 })
        }
    }
}

/// What an MCP server is asked.
#[derive(Clone, Copy)]
enum Asked<'a> {
    Tools {
        address: &'a str,
    },
    Call {
        address: &'a str,
        tool: &'a str,
        arguments: &'a str,
    },
}

impl Asked<'_> {
    fn address(&self) -> &str {
        match self {
            Self::Tools { address } | Self::Call { address, .. } => address,
        }
    }

    async fn once(
        self,
        keywright: &Keywright,
        wish: Option<&TokenWish>,
    ) -> Result<Value, CoreError> {
        let mcp = keywright.mcp();
        match self {
            Self::Tools { address } => Ok(Value::Array(mcp.tools(address, wish).await?)),
            Self::Call {
                address,
                tool,
                arguments,
            } => mcp.call_tool(address, wish, tool, arguments).await,
        }
    }

    /// The answer; connects once where the server wants a token, and asks once for a wider scope.
    async fn answered(
        self,
        cli: &Cli,
        keywright: &Keywright,
        server: &McpServerArgs,
    ) -> Result<Value, Failure> {
        let application = match &server.app {
            Some(name) => Some(keywright.applications().get(name)?.id),
            None => keywright.connect().application_of(self.address())?,
        };
        let mut wish = application.map(|application_id| TokenWish {
            application_id,
            ..TokenWish::default()
        });
        let (mut connected, mut widened) = (server.app.is_some(), false);
        loop {
            let error = match self.once(keywright, wish.as_ref()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let challenge = Connect::challenge_of(&error);
            let wants_token = matches!(challenge, Some((401, _))) || needs_sign_in(&error);
            if wants_token && !connected {
                connected = true;
                let input = connect::input(cli, self.address(), &server.identity, None)?;
                let given = given::assertion(cli, keywright, &server.identity.assertion)?;
                let found = keywright.connect().inspect(input).await?;
                let sign_in = &server.sign_in;
                let made =
                    connect::connected(cli, keywright, &found, given, sign_in, server.yes).await?;
                let (_, made) = made;
                wish = Some(made);
                continue;
            }
            let wider = match (&challenge, &wish) {
                (Some((_, challenge)), Some(wish)) if !widened => {
                    keywright.connect().wider(wish, challenge)?
                }
                _ => None,
            };
            let Some(wider) = wider else {
                return Err(error.into());
            };
            widened = true;
            widen(cli, keywright, &wider, &server.sign_in, server.yes).await?;
            wish = Some(wider);
        }
    }
}

/// Asks whether a wider scope shall be asked for, and gets the token.
pub(crate) async fn widen(
    cli: &Cli,
    keywright: &Keywright,
    wider: &TokenWish,
    sign_in: &SignInArgs,
    yes: bool,
) -> Result<TokenView, Failure> {
    let scope = wider.scope.clone().unwrap_or_default();
    let blanks = [("scope", scope.as_str())];
    confirm(
        cli,
        yes,
        &translate(keywright.lang(), Key::AskWiderScope, &blanks),
    )?;
    let tokens = keywright.tokens();
    if tokens.is_sign_in(wider)? {
        Box::pin(sign_in::run(cli, keywright, wider, sign_in, yes)).await
    } else {
        Ok(tokens.get(wider).await?)
    }
}

fn needs_sign_in(error: &CoreError) -> bool {
    matches!(
        error,
        CoreError::SignIn {
            source: SignInError::Needed,
            ..
        }
    )
}

fn tool_row(tool: &Value) -> [String; 2] {
    let text = |name: &str| tool.get(name).and_then(Value::as_str).unwrap_or_default();
    let description = text("description").lines().next().unwrap_or_default();
    [text("name").to_owned(), description.to_owned()]
}

/// The text of a result; other content as JSON.
fn content_lines(result: &Value) -> Vec<String> {
    let content = result.get("content").and_then(Value::as_array);
    let all = content.cloned().unwrap_or_else(|| vec![json!(result)]);
    all.iter()
        .flat_map(|one| {
            let text = one.get("text").and_then(Value::as_str);
            let text = text.map_or_else(|| one.to_string(), str::to_owned);
            output::lines(&text).collect::<Vec<_>>()
        })
        .collect()
}

//! From any address to a token: look, show the sheet, do what it says.

use std::sync::Arc;

use keywright_core::{
    ConnectInput, CoreError, FoundServer, GivenClient, SecretText, Thing,
    view::{ApplicationView, ConnectSheet, ResourceAnswer, TokenWish},
};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;

use crate::app_state::{AppState, CommandResult};

/// What the user typed.
#[derive(Clone, Deserialize, Serialize, Type)]
pub(crate) struct ConnectRequest {
    /// An API, an MCP server, an issuer or a document of metadata.
    address: String,
    /// The issuer to use, of several that the resource names.
    issuer: Option<String>,
    /// Grant; chosen from the metadata where absent.
    grant: Option<String>,
    /// Scopes; those of the challenge or the resource where empty.
    scopes: Vec<String>,
    /// Name of the application; the host of the address where absent.
    name: Option<String>,
    /// A client that was registered manually.
    client_id: Option<String>,
    /// Its secret, unless it is public.
    client_secret: Option<String>,
    /// Its private key, PEM or JWK, where it signs.
    client_key: Option<String>,
    /// Address of a client ID metadata document.
    document: Option<String>,
    /// Certificates of authorities that this computer does not trust, in PEM.
    ca_pem: Option<String>,
}

/// What was found at an address, by the number of the look.
#[derive(Debug, Clone, Deserialize, Serialize, Type)]
pub(crate) struct ConnectLook {
    /// Names this look in [`connect_prepare`] and [`connect_call`].
    number: u32,
    /// What was found, and what will be done.
    sheet: ConnectSheet,
}

/// What was made, and the token to get with it.
#[derive(Debug, Clone, Deserialize, Serialize, Type)]
pub(crate) struct ConnectPrepared {
    /// The application.
    application: ApplicationView,
    /// The token to ask for.
    wish: TokenWish,
    /// A user signs in for it.
    sign_in: bool,
}

/// Looks at an address. Nothing is saved, and no credential is sent.
#[tauri::command]
#[specta::specta]
pub(crate) async fn connect_look(
    app_state: State<'_, AppState>,
    request: ConnectRequest,
) -> CommandResult<ConnectLook> {
    let secret = request.client_secret.map(SecretText::new);
    let key = request.client_key.map(SecretText::new);
    let input = ConnectInput {
        address: request.address,
        issuer: request.issuer,
        grant: request.grant,
        scopes: request.scopes,
        name: request.name,
        client: request.client_id.map(|client_id| GivenClient {
            client_id,
            client_secret: secret,
            client_key: key,
            signing_alg: None,
        }),
        document: request.document,
        ca_pem: request.ca_pem,
    };
    let found = app_state.to_ipc(app_state.keywright.connect().inspect(input).await)?;
    let sheet = found.sheet.clone();
    let number = app_state.connections.keep(found);
    Ok(ConnectLook { number, sheet })
}

/// Makes the configuration and the application that are missing.
#[tauri::command]
#[specta::specta]
pub(crate) async fn connect_prepare(
    app_state: State<'_, AppState>,
    number: u32,
) -> CommandResult<ConnectPrepared> {
    let found = app_state.to_ipc(found(&app_state, number))?;
    let keywright = &app_state.keywright;
    let wish = app_state.to_ipc(keywright.connect().prepare(&found).await)?;
    let sign_in = app_state.to_ipc(keywright.tokens().is_sign_in(&wish))?;
    let application = keywright.applications().get(&wish.application_id);
    Ok(ConnectPrepared {
        application: app_state.to_ipc(application)?,
        wish,
        sign_in,
    })
}

/// Calls the resource with the token. None where an issuer was connected to.
#[tauri::command]
#[specta::specta]
pub(crate) async fn connect_call(
    app_state: State<'_, AppState>,
    number: u32,
    wish: TokenWish,
) -> CommandResult<Option<ResourceAnswer>> {
    let found = app_state.to_ipc(found(&app_state, number))?;
    app_state.to_ipc(app_state.keywright.mcp().first_call(&found, &wish).await)
}

fn found(app_state: &AppState, number: u32) -> Result<Arc<FoundServer>, CoreError> {
    let found = app_state.connections.of(number);
    found.ok_or_else(|| CoreError::NotFound {
        what: Thing::ConnectSheet,
        name: number.to_string(),
        nearest: None,
    })
}

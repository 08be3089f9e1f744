//! A system without an agent: every command opens the vault by itself.

use keywright_core::{Keywright, VaultKey};

use super::{AgentError, State};
use crate::failure::Failure;

pub(crate) async fn state(_keywright: &Keywright) -> Result<Option<State>, AgentError> {
    Ok(None)
}

pub(crate) async fn key(_keywright: &Keywright) -> Result<Option<VaultKey>, AgentError> {
    Ok(None)
}

pub(crate) async fn end(_keywright: &Keywright) -> Result<bool, AgentError> {
    Ok(false)
}

pub(crate) async fn start(_keywright: &Keywright, _seconds: u32) -> Result<State, Failure> {
    Err(AgentError::Absent.into())
}

pub(crate) async fn serve(_keywright: &Keywright, _seconds: u32) -> Result<u8, Failure> {
    Err(AgentError::Absent.into())
}

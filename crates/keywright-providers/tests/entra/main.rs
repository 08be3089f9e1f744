//! The adapter of Microsoft Entra ID against a Graph of answers.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod manage;
mod register;
mod tenant;
mod tokens;
mod verify;

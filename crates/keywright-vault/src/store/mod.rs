//! The tables of the open database, and the connections to it.

pub(crate) mod access;
pub(crate) mod applications;
pub(crate) mod change_token;
pub(crate) mod closeness;
pub(crate) mod configurations;
pub(crate) mod database;
pub(crate) mod ends;
pub(crate) mod exchanges;
pub(crate) mod history;
pub(crate) mod journal;
pub(crate) mod kv;
pub(crate) mod nearest;
pub(crate) mod notes;
pub(crate) mod pins;
pub(crate) mod rows;
pub(crate) mod search;
pub(crate) mod search_text;
pub(crate) mod secrets;
pub(crate) mod sessions;
pub(crate) mod sql;
pub(crate) mod token_retention;
pub(crate) mod tokens;

//! The use cases of Keywright. Knows no window and no terminal.

pub mod view;

//! What tests of the core work with: a vault of their own with a Sandbox in the same process.
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a helper of tests fails by panicking"
)]

mod core_fixture;

pub use core_fixture::CoreFixture;

//! Faults on the real program: what is killed, what fails, and what is found after it.

mod bench;
mod judge;
mod matrix;
mod power;
mod step;
mod strace;

pub use bench::{copy_folder, names, open};
pub use matrix::{Extent, Line, matrix, table};
pub use power::{Recording, Unsynced};

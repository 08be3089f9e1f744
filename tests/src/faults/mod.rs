//! Faults on the real program: what is killed, what fails, and what is found after it.

mod bench;
mod judge;
mod matrix;
mod plan;
mod power;
mod results;
mod step;
mod strace;

pub use bench::{copy_folder, names, open};
pub use matrix::{Matrix, matrix, reason};
pub use plan::Extent;
pub use power::{Recording, Unsynced};
pub use results::{Line, PartResult, Results, table};

//! Which program acts.

use crate::codes::codes;

codes! {
    /// Which program acts; Activity names it with everything it did.
    pub enum Actor {
        /// The window.
        App = "app",
        /// The command line.
        Cli = "cli",
    }
}

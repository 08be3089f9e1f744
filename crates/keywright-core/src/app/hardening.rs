//! What a program does to itself before it holds a secret: memory that it gives back is wiped, it
//! leaves no core behind, and no other program of the same user may read it.

use std::alloc::System;

use zeroizing_alloc::ZeroAlloc;

/// The secret types wipe themselves. What a library copies on the way (a header, a form, a document)
/// would stay in freed memory; so every block is wiped, in every program over this crate.
#[global_allocator]
static WIPED: ZeroAlloc<System> = ZeroAlloc(System);

/// Raises the walls around this process. The first thing that a program does.
pub fn harden_process() {
    if let Err(error) = system::harden_process() {
        tracing::warn!(%error, "the memory of this program is not closed to others");
    }
}

#[cfg(target_os = "linux")]
mod system {
    use rustix::{
        io,
        process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit},
    };

    /// The limit is inherited by the processes of the web view; being closed to a debugger of the same
    /// user is not, it ends with `execve` (prctl(2), `PR_SET_DUMPABLE`).
    pub(super) fn harden_process() -> io::Result<()> {
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        setrlimit(Resource::Core, none)?;
        set_dumpable_behavior(DumpableBehavior::NotDumpable)
    }
}

/// macOS (untested): no core. A debugger of the same user is not kept out: `PT_DENY_ATTACH` takes unsafe code.
#[cfg(all(unix, not(target_os = "linux")))]
mod system {
    use rustix::{
        io,
        process::{Resource, Rlimit, setrlimit},
    };

    pub(super) fn harden_process() -> io::Result<()> {
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        setrlimit(Resource::Core, none)
    }
}

/// Windows (untested): nothing. Windows Error Reporting may write a dump of a crash, and a debugger of the same
/// user can attach.
#[cfg(not(unix))]
mod system {
    pub(super) fn harden_process() -> std::io::Result<()> {
        Ok(())
    }
}

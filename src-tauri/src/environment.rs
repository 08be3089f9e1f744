//! What the libraries under the window read only from the environment, and only before `main`.

/// Starts this program once more, in the same process, where the libraries were not told yet.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn settle() {
    use std::{env, os::unix::process::CommandExt as _, process::Command};

    /// Memory that GTK, the web view and `GLib` give back is wiped: it never passes through our allocator, and
    /// an answer to the pages, with a revealed value in it, is copied by them on its way. Freed blocks are filled
    /// with a byte; those in a thread's cache would not be, so there is no cache (mallopt(3), `M_PERTURB`; glibc
    /// manual, "Memory Allocation Tunables").
    const HEAP: (&str, &str) = (
        "GLIBC_TUNABLES",
        "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0",
    );
    /// The web view has a heap of its own, which is not wiped: an answer to the pages stayed in it after a lock. Told
    /// so, it takes its memory from the C library (`WebKit`, `Source/bmalloc/bmalloc/Environment.cpp`).
    const HEAP_OF_THE_VIEW: (&str, &str) = ("Malloc", "1");
    /// Pages of text need no layers of their own, which take as much memory again.
    const LAYERS: (&str, &str) = ("WEBKIT_DISABLE_COMPOSITING_MODE", "1");

    let tunables = env::var(HEAP.0).unwrap_or_default();
    let told = tunables.ends_with(HEAP.1);
    if told && env::var_os(HEAP_OF_THE_VIEW.0).is_some() {
        return;
    }
    let tunables = match (told, tunables.is_empty()) {
        (true, _) => tunables,
        (false, true) => HEAP.1.to_owned(),
        (false, false) => format!("{tunables}:{}", HEAP.1),
    };
    let layers = env::var(LAYERS.0).unwrap_or_else(|_| LAYERS.1.to_owned());
    let failure = match env::current_exe() {
        Ok(program) => Command::new(program)
            .args(env::args_os().skip(1))
            .env(HEAP.0, tunables)
            .env(HEAP_OF_THE_VIEW.0, HEAP_OF_THE_VIEW.1)
            .env(LAYERS.0, layers)
            .exec(),
        Err(failure) => failure,
    };
    tracing::warn!(error = %failure, "memory of the libraries is not wiped when it is freed");
}

/// macOS and Windows (not proven): their C libraries offer nothing of the kind.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn settle() {}

//! The browser of the system, started by its opener with one argument, a web address.

use std::{
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use url::Url;

/// How long an opener is looked at. One that still runs then has handed the address over, or is the browser.
const LOOK: Duration = Duration::from_millis(700);
const PAUSE: Duration = Duration::from_millis(20);
/// What this program sets for its own libraries (`environment.rs`) is not the browser's.
const OURS: [&str; 2] = ["GLIBC_TUNABLES", "WEBKIT_DISABLE_COMPOSITING_MODE"];

/// Opens the address; says whether a browser was started.
pub(crate) fn open(address: &Url) -> bool {
    open::commands(address.as_str()).into_iter().any(started)
}

fn started(mut command: Command) -> bool {
    for name in OURS {
        command.env_remove(name);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // A signal from the terminal of this program is not for the browser.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let program = command.get_program().to_owned();
    match command.spawn() {
        Ok(child) => opened(child),
        Err(error) => {
            tracing::debug!(?program, %error, "no opener");
            false
        }
    }
}

/// The opener ended well, or still runs.
fn opened(mut child: Child) -> bool {
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if begun.elapsed() < LOOK => thread::sleep(PAUSE),
            Ok(None) => {
                // Waited for, so that it is not kept as a dead process.
                thread::spawn(move || child.wait());
                return true;
            }
            Err(_) => return false,
        }
    }
}

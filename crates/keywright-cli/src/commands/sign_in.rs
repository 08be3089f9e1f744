//! token get, where a user signs in in a browser.

use std::{
    io::BufRead as _,
    sync::{Mutex, PoisonError},
    thread,
};

use keywright_core::{
    CoreError, Keywright, PasteProblem, SignInControl, SignInError, SignInStep, translate,
    view::{TokenView, TokenWish},
};
use tokio::sync::mpsc;

use super::confirm;
use crate::{
    args::{Cli, SignInArgs},
    failure::Failure,
    output,
    source::length_of_time,
    text::Key,
};

pub(crate) async fn run(
    cli: &Cli,
    keywright: &Keywright,
    wish: &TokenWish,
    args: &SignInArgs,
    yes: bool,
) -> Result<TokenView, Failure> {
    match Box::pin(attempt(cli, keywright, wish, args, yes)).await {
        Err(Failure::Core(
            error @ CoreError::SignIn {
                source: SignInError::PkceUnlisted,
                ..
            },
        )) if !cli.no_input => {
            let question = Failure::Core(error).view(keywright.lang()).message;
            let ask = translate(keywright.lang(), Key::SignInAnyway, &[]);
            confirm(cli, yes, &format!("{question} {ask}"))?;
            Box::pin(attempt(cli, keywright, wish, args, true)).await
        }
        outcome => outcome,
    }
}

async fn attempt(
    cli: &Cli,
    keywright: &Keywright,
    wish: &TokenWish,
    args: &SignInArgs,
    accept_unlisted_pkce: bool,
) -> Result<TokenView, Failure> {
    let seconds = length_of_time("--timeout", &args.timeout)?;
    let time = std::time::Duration::from_secs(seconds.try_into().unwrap_or_default());
    let lang = keywright.lang();
    let (sender, receiver) = mpsc::channel(1);
    let sender = Mutex::new(Some(sender));
    // Shown with --quiet as well: without it, the user cannot go on.
    let ask =
        |key: Key, blanks: &[(&str, &str)]| output::status(false, &translate(lang, key, blanks));
    let on_step = |step: SignInStep| match step {
        SignInStep::Open {
            url,
            redirect_uri,
            listens,
        } => {
            let opened = !args.no_browser && opens(cli, url.as_str());
            let key = if opened {
                Key::SignInOpened
            } else {
                Key::SignInOpen
            };
            ask(key, &[]);
            output::status(false, &output::escape_control_chars(url.as_str()));
            let seconds = seconds.to_string();
            let blanks = [
                ("address", output::escape_control_chars(&redirect_uri)),
                ("seconds", seconds),
            ];
            let blanks = blanks.each_ref().map(|(name, value)| (*name, &**value));
            if listens {
                output::status(cli.quiet, &translate(lang, Key::SignInWaiting, &blanks));
            } else {
                ask(Key::SignInPaste, &blanks);
                let mut held = sender.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(sender) = held.take() {
                    read_lines(sender);
                }
            }
        }
        SignInStep::Code {
            user_code,
            verification_uri,
            verification_uri_complete,
            expires_in,
        } => {
            let seconds = expires_in.to_string();
            let (address, code) = (
                output::escape_control_chars(verification_uri.as_str()),
                output::escape_control_chars(&user_code),
            );
            let blanks = [
                ("address", &*address),
                ("code", &code),
                ("seconds", &seconds),
            ];
            ask(Key::SignInCode, &blanks);
            if let Some(complete) = verification_uri_complete {
                let address = output::escape_control_chars(complete.as_str());
                ask(Key::SignInCodeComplete, &[("address", &address)]);
            }
        }
        SignInStep::Asked { .. } => {}
        SignInStep::WithoutResource { resources } => {
            let resources = output::escape_control_chars(&resources.join(" "));
            ask(Key::SignInWithoutResource, &[("detail", &resources)]);
        }
        SignInStep::PasteRefused { why } => {
            ask(paste_problem(why), &[]);
            ask(Key::SignInPasteAgain, &[]);
        }
        SignInStep::Ignored => ask(Key::SignInIgnored, &[]),
        SignInStep::Answered => {
            output::status(cli.quiet, &translate(lang, Key::SignInAnswered, &[]));
        }
    };
    let control = SignInControl {
        on_step: &on_step,
        pasted: (args.paste || !cli.no_input).then_some(receiver),
        paste_only: args.paste,
        time,
        accept_unlisted_pkce,
        again: false,
        without_resource: args.without_resource,
    };
    Ok(keywright.tokens().sign_in(wish, control).await?)
}

/// Why a pasted line is not the answer.
fn paste_problem(why: PasteProblem) -> Key {
    match why {
        PasteProblem::NotAnswer => Key::SignInPasteNotAnswer,
        PasteProblem::SignInPage => Key::SignInPasteSignInPage,
        PasteProblem::CutOff => Key::SignInPasteCutOff,
        PasteProblem::OtherSignIn => Key::SignInPasteOther,
    }
}

/// A browser has somewhere to show itself. Without a screen, the opener of Linux may start one in this terminal.
/// Opens a web address in the browser, where there is a screen and somebody before it.
pub(super) fn opens(cli: &Cli, address: &str) -> bool {
    // One argument, which is a web address.
    !cli.no_input && has_screen() && open::that_detached(address).is_ok()
}

fn has_screen() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Reads pasted lines in a thread of its own, which ends with the program.
fn read_lines(sender: mpsc::Sender<String>) {
    thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if !line.trim().is_empty() && sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
}

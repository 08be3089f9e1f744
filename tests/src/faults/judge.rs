//! What a fault left: the vault as the next start finds it, held against what the provider has and what the
//! command said.

use std::{collections::BTreeSet, path::Path, process::Output};

use keywright_core::{
    Keywright,
    view::{PendingOperation, PendingState, PendingView, SecretRef, TokenWish},
};

use super::{
    bench::{Bench, known_clients, open},
    step::Step,
};

/// What was there before the fault.
pub(super) struct Before<'a> {
    pub(super) step: Step,
    /// The application that the step is about; one to be made, for a registration.
    pub(super) name: &'a str,
    /// The clients that the provider had.
    pub(super) clients: BTreeSet<String>,
    /// The client of the application, where there is one already.
    pub(super) client: Option<String>,
    /// Its secret.
    pub(super) secret: Option<String>,
}

/// The secret of an application, where it has one.
pub(super) fn secret(keywright: &Keywright, application: &str) -> Option<String> {
    let secret = SecretRef::ClientSecret {
        application_id: application.to_owned(),
    };
    let revealed = keywright.disclosure().reveal(&secret).ok()?;
    Some(revealed.expose().to_owned())
}

/// How a case ended.
#[derive(Debug)]
pub(super) struct Outcome {
    /// One line for the table.
    pub(super) text: String,
    /// What was lost; empty when the promise held.
    pub(super) losses: Vec<String>,
}

/// Opens the vault of the case, looks, finishes or cleans up what was cut off, and looks again.
pub(super) async fn judge(
    bench: &Bench,
    home: &Path,
    before: &Before<'_>,
    ended: &Output,
) -> Outcome {
    let keywright = match open(home).await {
        Ok(keywright) => keywright,
        Err(error) => {
            return Outcome {
                text: "the vault does not open".into(),
                losses: vec![error.to_string()],
            };
        }
    };
    let mut case = Case {
        bench,
        before,
        keywright: &keywright,
        losses: Vec::new(),
    };
    let text = case.look(ended).await;
    let losses = case.losses;
    keywright.lock();
    Outcome { text, losses }
}

struct Case<'a> {
    bench: &'a Bench,
    before: &'a Before<'a>,
    keywright: &'a Keywright,
    losses: Vec<String>,
}

impl Case<'_> {
    fn expect(&mut self, kept: bool, what: impl FnOnce() -> String) {
        if !kept {
            self.losses.push(what());
        }
    }

    async fn look(&mut self, ended: &Output) -> String {
        let said = self.said(ended);
        let pending = self
            .keywright
            .registration()
            .pending()
            .expect("the journal");
        self.clients_are_known(&pending);
        if ended.status.success() {
            self.expect(pending.is_empty(), || {
                format!("done, and still {pending:?}")
            });
            self.done(ended);
        }
        let found = match pending.as_slice() {
            [] if self.took_effect() => "in effect".to_owned(),
            [] => "as before".to_owned(),
            [one] => {
                let recovered = self.recover(one).await;
                format!("shown as {}, {recovered}", one.state.as_str())
            }
            _ => {
                self.losses.push(format!("doubled: {pending:?}"));
                "doubled".to_owned()
            }
        };
        self.clean(&pending).await;
        format!("{said}; {found}")
    }

    /// What the command said of itself.
    fn said(&mut self, ended: &Output) -> String {
        match ended.status.code() {
            Some(0) => "said done".to_owned(),
            None => "killed".to_owned(),
            Some(_) => {
                let text = String::from_utf8_lossy(&ended.stderr);
                let error: Option<serde_json::Value> = text
                    .lines()
                    .last()
                    .and_then(|line| serde_json::from_str(line).ok());
                let code = error
                    .as_ref()
                    .and_then(|error| error["error"]["code"].as_str())
                    .unwrap_or("nothing")
                    .to_owned();
                self.expect(code != "nothing", || {
                    format!("ended without a word: {text}")
                });
                self.expect(code != "vault_damaged", || {
                    format!("a full or broken disk was called a damaged vault: {text}")
                });
                format!("said {code}")
            }
        }
    }

    /// No client is at the provider that the vault does not know, in its applications or in its journal.
    fn clients_are_known(&mut self, pending: &[PendingView]) {
        let now = self.bench.clients();
        let mut known = known_clients(self.keywright);
        known.extend(pending.iter().filter_map(|one| one.client_id.clone()));
        let strange: Vec<&String> = now
            .difference(&self.before.clients)
            .filter(|one| !known.contains(*one))
            .collect();
        let asked_for = pending.iter().any(|one| {
            one.operation == PendingOperation::Register
                && matches!(one.state, PendingState::Sent | PendingState::Unknown)
        });
        self.expect(strange.is_empty() || asked_for, || {
            format!("clients that nobody knows: {strange:?}")
        });
        let gone: Vec<&String> = self.before.clients.difference(&now).collect();
        let may_go = self.before.step == Step::Delete;
        self.expect(
            gone.is_empty() || may_go && gone == self.before.client.iter().collect::<Vec<_>>(),
            || format!("clients that are gone: {gone:?}"),
        );
    }

    /// What was said to be done is done.
    fn done(&mut self, ended: &Output) {
        let application = self.keywright.applications().get(self.before.name);
        let said: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap_or_default();
        match (self.before.step, application) {
            (Step::Delete, Ok(_)) => self.losses.push("deleted, and still here".into()),
            (Step::Delete, Err(_)) => {
                let gone = self
                    .before
                    .client
                    .as_ref()
                    .is_some_and(|client| !self.bench.clients().contains(client));
                self.expect(gone, || "deleted here and not there".into());
            }
            (_, Err(error)) => self.losses.push(format!("said to be saved: {error}")),
            (Step::Token, Ok(_)) => {}
            (_, Ok(application)) => {
                self.expect(said["client_id"] == application.client_id.as_str(), || {
                    format!("said {said}, saved {}", application.client_id)
                });
            }
        }
    }

    /// The step shows in the vault, whatever the command said.
    fn took_effect(&self) -> bool {
        let application = self.keywright.applications().get(self.before.name);
        match (self.before.step, application) {
            (Step::Register, application) => application.is_ok(),
            (Step::Delete, application) => application.is_err(),
            (Step::Update, Ok(application)) => {
                application.granted["client_name"] == "changed by the update"
            }
            (Step::Rotate, Ok(application)) => {
                secret(self.keywright, &application.id) != self.before.secret
            }
            (Step::Read, Ok(application)) => application.current_read_at.is_some(),
            (Step::Token, Ok(application)) => application.live_tokens > 0,
            (_, Err(_)) => false,
        }
    }

    /// Finishes what was cut off or, where that cannot be, gives it up.
    async fn recover(&mut self, one: &PendingView) -> &'static str {
        if one.can_resume && self.keywright.registration().resume(&one.id).await.is_ok() {
            return "finished";
        }
        match self.keywright.registration().discard(&one.id, false).await {
            Ok(_) => "cleaned up",
            Err(error) => {
                self.losses
                    .push(format!("neither finished nor cleaned up: {error}"));
                "stuck"
            }
        }
    }

    /// Nothing is left open, and what the vault has works.
    async fn clean(&mut self, pending: &[PendingView]) {
        let left = self
            .keywright
            .registration()
            .pending()
            .expect("the journal");
        self.expect(left.is_empty(), || format!("still open: {left:?}"));
        // An answer that nobody kept may have carried the only good secret; the journal said so.
        let unseen = pending
            .iter()
            .any(|one| matches!(one.state, PendingState::Sent | PendingState::Unknown));
        let Ok(application) = self.keywright.applications().get(self.before.name) else {
            self.expect(
                matches!(self.before.step, Step::Register | Step::Delete),
                || "the application is gone".into(),
            );
            return;
        };
        let there = self.bench.clients().contains(&application.client_id);
        self.expect(there || self.before.step == Step::Delete, || {
            "the provider does not know the application".into()
        });
        if !there {
            return;
        }
        let wish = TokenWish {
            application_id: application.id,
            refresh: true,
            ..TokenWish::default()
        };
        if let Err(error) = self.keywright.tokens().get(&wish).await {
            self.expect(unseen, || format!("its secret does not work: {error}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use keywright_sandbox::Personality;

    use super::*;

    /// What a command that said and did nothing would have ended with.
    fn nothing() -> Output {
        std::process::Command::new("false")
            .output()
            .expect("a command")
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn f01_a_loss_that_is_planted_is_seen() {
        let mut bench = Bench::new(Personality::Rfc7591).await;
        let name = bench.applications(1).await.remove(0);
        let home = bench.copy("before-the-loss");
        let mut before = Before {
            step: Step::Token,
            name: &name,
            clients: bench.clients(),
            client: None,
            secret: None,
        };
        let unharmed = judge(&bench, &home, &before, &nothing()).await;
        // It ended without a word, which is a loss of its own.
        assert_eq!(unharmed.losses.len(), 1, "{unharmed:?}");

        // A client that no vault knows: it was made after the copy.
        bench.applications(1).await;
        let strange = judge(&bench, &home, &before, &nothing()).await;
        assert!(
            strange
                .losses
                .iter()
                .any(|loss| loss.contains("nobody knows")),
            "{strange:?}"
        );

        // An application that was said to be saved and is not there.
        before.step = Step::Register;
        before.name = "never-made";
        let done = std::process::Command::new("true")
            .output()
            .expect("a command");
        let lost = judge(&bench, &home, &before, &done).await;
        assert!(
            lost.losses
                .iter()
                .any(|loss| loss.contains("said to be saved")),
            "{lost:?}"
        );
    }
}

//! The wait for a user who was sent to the browser.

use std::time::Duration;

use keywright_oauth::authorize::{
    AnswerError, CodeGrant, ExpectedIssuer, PendingAuthorization,
    signed_answer::{self, SignedAnswerProblem},
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::Instant,
};

use super::{
    SignInStep,
    listener::{Answer, Listener, Page},
    pasted::{PasteProblem, query_of},
    signed::SignedAnswers,
};
use crate::{Awaited, CoreError, Keywright, ProviderLabel, SignInError};

/// Longest time that a user is waited for.
const LONGEST: Duration = Duration::from_hours(24);
/// How often the vault is looked at while a user is waited for.
const LOOK: Duration = Duration::from_millis(250);

/// The answer to a sign-in.
pub(super) struct Answered {
    pub(super) code: Result<CodeGrant, AnswerError>,
    /// The browser reads its page meanwhile.
    pub(super) last_page: Option<JoinHandle<()>>,
}

/// A user who was sent to the browser.
pub(super) struct Waiting<'a> {
    pub(super) pending: PendingAuthorization,
    pub(super) who: &'a ProviderLabel,
    pub(super) from: &'a ExpectedIssuer,
    /// Answers are signed.
    pub(super) signed: Option<SignedAnswers>,
    pub(super) listener: Option<Listener>,
    pub(super) on_step: &'a (dyn Fn(SignInStep) + Send + Sync),
    pub(super) time: Duration,
    /// What a time-out says of the request.
    pub(super) awaited: Awaited,
}

/// What was heard.
enum Heard {
    Answer(Answer),
    Pasted(String),
    PasteEnded,
    Tick,
    Late,
}

impl Waiting<'_> {
    /// Waits for the answer. One that has another `state` does not end the flow: any page can send one.
    pub(super) async fn answer(
        mut self,
        keywright: &Keywright,
        pasted: &mut Option<mpsc::Receiver<String>>,
    ) -> Result<Answered, CoreError> {
        let failed = |source| CoreError::SignIn {
            who: self.who.clone(),
            source,
        };
        let end = Instant::now() + self.time.min(LONGEST);
        let mut ignored = 0;
        loop {
            let heard = tokio::select! {
                answer = next(self.listener.as_mut()) => Heard::Answer(answer),
                text = paste(pasted.as_mut()) => text.map_or(Heard::PasteEnded, Heard::Pasted),
                () = tokio::time::sleep_until(end) => Heard::Late,
                () = tokio::time::sleep(LOOK) => Heard::Tick,
            };
            if !keywright.is_unlocked() {
                return Err(CoreError::Locked);
            }
            let (query, page) = match heard {
                Heard::Answer(answer) => (answer.query, Some(answer.page)),
                Heard::Pasted(text) => (query_of(&text), None),
                Heard::PasteEnded if self.listener.is_some() => {
                    *pasted = None;
                    continue;
                }
                Heard::PasteEnded => return Err(failed(SignInError::NoAnswer)),
                Heard::Late => {
                    return Err(failed(SignInError::TimedOut {
                        seconds: self.time.as_secs(),
                        ignored,
                        at: self.awaited,
                    }));
                }
                Heard::Tick => continue,
            };
            let (query, problem) = self.plain(query, keywright.now());
            let is_mine = self.pending.is_mine(&query);
            if page.is_none()
                && let Some(why) = PasteProblem::of(&query, is_mine)
            {
                ignored += u32::from(why == PasteProblem::OtherSignIn);
                (self.on_step)(SignInStep::PasteRefused { why });
                continue;
            }
            if !is_mine {
                ignored += 1;
                show(page, Page::Other);
                (self.on_step)(SignInStep::Ignored);
                continue;
            }
            if let Some(problem) = problem {
                show(page, Page::Refused);
                return Err(failed(problem.into()));
            }
            let code = self.pending.answered(&query, self.from);
            let shown = if code.is_ok() {
                Page::Taken
            } else {
                Page::Refused
            };
            show(page, shown);
            return Ok(Answered {
                code,
                last_page: self.listener.map(|one| tokio::spawn(one.finish())),
            });
        }
    }

    /// An answer as a plain query, and what does not hold of it where answers are signed. `state` alone may be read of
    /// such a one.
    fn plain(&self, query: String, now: i64) -> (String, Option<SignedAnswerProblem>) {
        let Some(signed) = &self.signed else {
            return (query, None);
        };
        match signed.read(&query, &self.from.issuer, now) {
            Ok(plain) => (plain, None),
            Err(problem) => (
                signed_answer::unchecked(&query).unwrap_or(query),
                Some(problem),
            ),
        }
    }
}

fn show(page: Option<oneshot::Sender<Page>>, shown: Page) {
    if let Some(page) = page {
        // A browser that went away sees no page.
        let _ = page.send(shown);
    }
}

async fn next(listener: Option<&mut Listener>) -> Answer {
    if let Some(listener) = listener
        && let Some(answer) = listener.next().await
    {
        return answer;
    }
    std::future::pending().await
}

async fn paste(pasted: Option<&mut mpsc::Receiver<String>>) -> Option<String> {
    match pasted {
        Some(pasted) => pasted.recv().await,
        None => std::future::pending().await,
    }
}

//! A server on this machine whose answers are written by the fuzzer, a second one where nothing secret may arrive, and
//! a clock that runs only while nothing else does: a pause of minutes takes no time.

use std::{
    collections::VecDeque,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use keywright_oauth::{
    http::{Exchange, HttpClient, HttpPolicy, Recorder},
    time::Clock,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
    time::Instant,
};

use crate::script::Answer;

/// The time of every run.
pub(crate) const NOW: i64 = 1_700_000_000;

/// What happened in one run.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Requests that the first server got.
    pub(crate) asked: usize,
    /// Requests that the second server got, whole.
    pub(crate) strayed: Vec<Vec<u8>>,
    /// What Activity would keep.
    pub(crate) exchanges: Vec<Exchange>,
    answers: VecDeque<Answer>,
}

/// Both servers and what they saw.
#[derive(Debug)]
pub(crate) struct Stage {
    runtime: Runtime,
    /// The server that a configuration names.
    pub(crate) here: String,
    /// The server that only an answer names.
    pub(crate) elsewhere: String,
    seen: Arc<Mutex<Seen>>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        let seen = Arc::<Mutex<Seen>>::default();
        let (here, elsewhere) = runtime.block_on(async {
            let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let second = TcpListener::bind("127.0.0.2:0").await.unwrap();
            let addresses = (address(&first), address(&second));
            tokio::spawn(accept(first, Arc::clone(&seen), answer));
            tokio::spawn(accept(second, Arc::clone(&seen), note));
            addresses
        });
        Self {
            runtime,
            here,
            elsewhere,
            seen,
        }
    }

    /// A client that records here.
    pub(crate) fn client(&self, policy: HttpPolicy) -> HttpClient {
        let seen = Arc::clone(&self.seen);
        let recorder = Recorder::new(move |exchange| lock(&seen).exchanges.push(exchange));
        let (clock, _) = Clock::manual(NOW);
        HttpClient::new(policy, clock, recorder).unwrap()
    }

    /// Runs `work` against the answers; says what it came to, what happened, and how long it seemed to take.
    pub(crate) fn play<T>(
        &self,
        answers: impl IntoIterator<Item = Answer>,
        work: impl Future<Output = T>,
    ) -> (T, Seen, Duration) {
        *lock(&self.seen) = Seen {
            answers: answers.into_iter().collect(),
            ..Seen::default()
        };
        let (result, took) = self.runtime.block_on(async {
            let begun = Instant::now();
            (work.await, begun.elapsed())
        });
        (result, std::mem::take(&mut *lock(&self.seen)), took)
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

fn address(listener: &TcpListener) -> String {
    format!("http://{}", listener.local_addr().unwrap())
}

/// What a server does with a request.
type Reply = fn(&mut Seen, Vec<u8>) -> Answer;

fn answer(seen: &mut Seen, _request: Vec<u8>) -> Answer {
    seen.asked += 1;
    seen.answers.pop_front().unwrap_or_else(Answer::none)
}

fn note(seen: &mut Seen, request: Vec<u8>) -> Answer {
    seen.strayed.push(request);
    Answer::none()
}

async fn accept(listener: TcpListener, seen: Arc<Mutex<Seen>>, reply: Reply) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, Arc::clone(&seen), reply));
    }
}

/// Answers one request after the other; a client that is gone needs no answer.
async fn serve(mut stream: TcpStream, seen: Arc<Mutex<Seen>>, reply: Reply) {
    while let Some(request) = read_request(&mut stream).await {
        let answer = reply(&mut lock(&seen), request);
        if stream.write_all(&answer.bytes).await.is_err() || answer.closes {
            return;
        }
        if answer.hangs {
            // Waits for the client to lose its patience.
            let _ = stream.read(&mut [0]).await;
            return;
        }
    }
}

/// Head and body of a request, as our own client writes them.
async fn read_request(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut read = Vec::new();
    loop {
        if let Some(end) = find(&read, b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
                .unwrap_or(0);
            if read.len() >= end + 4 + length {
                return Some(read);
            }
        }
        if stream.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    }
}

pub(crate) fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

//! A server that sends what no server library would: bytes as they are, without end, or not at all.
//! It writes down every request, so that a test can say where a secret went.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use super::tokens::Minted;

/// Nothing is read or written for longer than this; no request of ours may last so long.
const PATIENCE: Duration = Duration::from_secs(45);
/// A flood ends by itself after this many bytes: a client that takes them all has failed anyway.
const FLOOD: usize = 64 * 1024 * 1024;

/// What is sent as the answer to a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// A proper answer: status, headers, body.
    Proper(String, Vec<String>, Vec<u8>),
    /// These bytes, then the end of the connection.
    Bytes(Vec<u8>),
    /// The first bytes, then the second ones again and again.
    Flood(Vec<u8>, Vec<u8>),
    /// The bytes, then the connection is reset.
    Reset(Vec<u8>),
    /// One byte after the other, with this pause between two.
    Drip(Vec<u8>, Duration),
    /// Nothing; the connection stays open.
    Silence,
    /// A token answer with a token that is signed when the address of the server is known.
    Token(Box<Minted>),
}

impl Reply {
    /// A proper answer with a body of JSON.
    pub(crate) fn json(body: &str) -> Self {
        Self::with(
            "200 OK",
            &["Content-Type: application/json"],
            body.as_bytes(),
        )
    }

    /// A proper answer. Its length is counted when names are filled in.
    pub(crate) fn with(status: &str, headers: &[&str], body: &[u8]) -> Self {
        let headers = headers.iter().map(|header| (*header).to_owned());
        Self::Proper(status.to_owned(), headers.collect(), body.to_vec())
    }

    /// The first `Location` of a proper answer.
    pub(crate) fn location(&self) -> Option<&str> {
        let Self::Proper(_, headers, _) = self else {
            return None;
        };
        headers
            .iter()
            .find_map(|header| header.strip_prefix("Location: "))
    }

    /// The same with names of servers filled in.
    fn filled(&self, fill: &dyn Fn(&[u8]) -> Vec<u8>) -> Self {
        match self {
            Self::Proper(status, headers, body) => {
                let body = fill(body);
                let mut head = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n",
                    body.len()
                );
                for header in headers {
                    head.push_str(header);
                    head.push_str("\r\n");
                }
                head.push_str("\r\n");
                Self::Bytes([fill(head.as_bytes()), body].concat())
            }
            Self::Bytes(bytes) => Self::Bytes(fill(bytes)),
            Self::Flood(first, again) => Self::Flood(fill(first), fill(again)),
            Self::Reset(bytes) => Self::Reset(fill(bytes)),
            Self::Drip(bytes, pause) => Self::Drip(fill(bytes), *pause),
            Self::Silence => Self::Silence,
            Self::Token(minted) => Self::json(&minted.answer(fill)).filled(fill),
        }
    }
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The server, until it is dropped.
pub(crate) struct Server {
    pub(crate) origin: String,
    received: Arc<Mutex<Vec<Received>>>,
    connections: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers by path; the longest path that the request begins with wins.
pub(crate) type Routes = BTreeMap<&'static str, Reply>;

impl Server {
    /// Serves plain http on a free port. In every answer, `ISSUER` stands for this server's own origin
    /// and `ELSEWHERE` for `elsewhere`.
    pub(crate) async fn start(routes: Routes, elsewhere: &str) -> Self {
        Self::serve(routes, elsewhere, None).await
    }

    /// The same over TLS; its name is `localhost`.
    pub(crate) async fn start_tls(routes: Routes, elsewhere: &str, acceptor: TlsAcceptor) -> Self {
        Self::serve(routes, elsewhere, Some(acceptor)).await
    }

    async fn serve(routes: Routes, elsewhere: &str, acceptor: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let origin = match acceptor {
            Some(_) => format!("https://localhost:{port}"),
            None => format!("http://127.0.0.1:{port}"),
        };
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let log = Arc::clone(&received);
        let connections: Arc<AtomicUsize> = Arc::default();
        let counter = Arc::clone(&connections);
        let (issuer, elsewhere) = (origin.clone(), elsewhere.to_owned());
        let fill = move |bytes: &[u8]| {
            let bytes = replaced(bytes, b"ISSUER", issuer.as_bytes());
            replaced(&bytes, b"ELSEWHERE", elsewhere.as_bytes())
        };
        let routes: Arc<Routes> = Arc::new(
            routes
                .into_iter()
                .map(|(path, reply)| (path, reply.filled(&fill)))
                .collect(),
        );
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                let (routes, log, acceptor) =
                    (Arc::clone(&routes), Arc::clone(&log), acceptor.clone());
                tokio::spawn(async move {
                    let _ = stream.set_nodelay(true);
                    let work = async {
                        match acceptor {
                            None => answer(stream, &routes, &log, true).await,
                            Some(acceptor) => match acceptor.accept(stream).await {
                                Ok(stream) => answer(stream, &routes, &log, false).await,
                                Err(_refused) => {}
                            },
                        }
                    };
                    let _ = tokio::time::timeout(PATIENCE, work).await;
                });
            }
        });
        Self {
            origin,
            received,
            connections,
            task,
        }
    }

    /// Connections so far, with or without a request.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Every request so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn answer<S: AsyncRead + AsyncWrite + Unpin + 'static>(
    mut stream: S,
    routes: &Routes,
    log: &Mutex<Vec<Received>>,
    plain: bool,
) {
    let Some(request) = request(&mut stream).await else {
        return;
    };
    let reply = routes
        .iter()
        .rev()
        .find(|(path, _)| request.path.starts_with(**path))
        .map(|(_, reply)| reply.clone());
    log.lock().unwrap().push(request);
    match reply.unwrap_or_else(|| Reply::with("404 Not Found", &[], b"{}")) {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Reply::Flood(first, again) => {
            let mut written = first.len();
            let mut going = stream.write_all(&first).await.is_ok();
            while going && written < FLOOD {
                going = stream.write_all(&again).await.is_ok();
                written += again.len();
            }
        }
        Reply::Reset(bytes) => {
            let _ = stream.write_all(&bytes).await;
            if plain {
                reset(&stream);
            }
        }
        Reply::Drip(bytes, pause) => {
            for byte in bytes {
                if stream.write_all(&[byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(pause).await;
            }
        }
        Reply::Silence | Reply::Token(_) | Reply::Proper(..) => tokio::time::sleep(PATIENCE).await,
    }
}

/// A connection that is dropped with a linger of zero ends in a reset, not in a proper end.
fn reset<S: 'static>(stream: &S) {
    if let Some(stream) = (stream as &dyn std::any::Any).downcast_ref::<tokio::net::TcpStream>() {
        let _ = stream.set_zero_linger();
    }
}

async fn request<S: AsyncRead + Unpin>(stream: &mut S) -> Option<Received> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        let read = stream
            .read(&mut buffer)
            .await
            .ok()
            .filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length:")?
                    .trim()
                    .parse::<usize>()
                    .ok()
            })
            .unwrap_or(0);
        if body.len() >= length {
            let path = head.split(' ').nth(1)?.to_owned();
            return Some(Received { path, text });
        }
    }
}

/// Names stand at the beginning; the rest of a flood is left as it is.
const FILLED: usize = 128 * 1024;

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let (mut rest, tail) = bytes.split_at(bytes.len().min(FILLED));
    while let Some(at) = rest.windows(from.len()).position(|part| part == from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out.extend_from_slice(tail);
    out
}

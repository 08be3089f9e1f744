//! A server that misbehaves below HTTP: no library offers connections that end too early.
//! Discovery is answered properly, so that the fault hits the request it is meant for.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// What happens to a request that is no discovery.
#[derive(Debug, Clone)]
pub enum Misbehaviour {
    /// The connection is closed after the request was read.
    Close,
    /// Headers and half of the body, then the end.
    HalfBody,
    /// Nothing for this long.
    Silence(Duration),
    /// This status line, these headers, this body.
    Answer {
        status: &'static str,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
}

/// The server, until the test ends.
pub struct WireServer {
    pub issuer: String,
    hits: Arc<AtomicUsize>,
}

impl WireServer {
    pub fn start(misbehaviour: Misbehaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let hits = Arc::new(AtomicUsize::new(0));
        let server = Self {
            issuer: issuer.clone(),
            hits: Arc::clone(&hits),
        };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (issuer, misbehaviour, hits) =
                    (issuer.clone(), misbehaviour.clone(), Arc::clone(&hits));
                thread::spawn(move || serve(stream, &issuer, &misbehaviour, &hits));
            }
        });
        server
    }

    /// Requests that were no discovery.
    pub fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }
}

fn serve(mut stream: TcpStream, issuer: &str, misbehaviour: &Misbehaviour, hits: &AtomicUsize) {
    let Some(head) = request(&mut stream) else {
        return;
    };
    if head.contains("/.well-known/") {
        let body = format!(
            r#"{{"issuer":"{issuer}","registration_endpoint":"{issuer}/register","token_endpoint":"{issuer}/token","jwks_uri":"{issuer}/jwks"}}"#
        );
        answer(
            &mut stream,
            "200 OK",
            &[("Content-Type", "application/json".into())],
            &body,
        );
        return;
    }
    hits.fetch_add(1, Ordering::SeqCst);
    match misbehaviour {
        Misbehaviour::Close => {}
        Misbehaviour::HalfBody => {
            let _ = stream.write_all(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n{\"client_id\":\"half\",\"client_sec");
        }
        Misbehaviour::Silence(time) => thread::sleep(*time),
        Misbehaviour::Answer {
            status,
            headers,
            body,
        } => answer(&mut stream, status, headers, body),
    }
}

fn answer(stream: &mut TcpStream, status: &str, headers: &[(&str, String)], body: &str) {
    let mut lines = String::new();
    for (name, value) in headers {
        lines.push_str(&[name, ": ", value, "\r\n"].concat());
    }
    let text = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{lines}\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(text.as_bytes());
}

/// Head and body are read to the end, so that closing is no reset before the request was taken.
fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length:")
                        .and_then(|value| value.trim().parse::<usize>().ok())
                })
                .unwrap_or(0);
            if body.len() >= length {
                return Some(head.to_owned());
            }
        }
    }
}

//! A registration endpoint that accepts or refuses by what stands in the request.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use serde_json::{Value, json};

/// What answers a registration, by its body: status and body, or none to close the connection.
pub(crate) type Decide = fn(&Value) -> Option<(u16, Value)>;

/// The server, until the test ends.
pub struct PickyServer {
    pub issuer: String,
    sent: Arc<Mutex<Vec<Value>>>,
}

impl PickyServer {
    /// `members` go into the metadata document.
    pub fn start(members: Value, decide: Decide) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let mut document = json!({
            "issuer": issuer, "registration_endpoint": format!("{issuer}/register"),
            "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/jwks"),
        });
        if let (Some(document), Value::Object(members)) = (document.as_object_mut(), members) {
            document.extend(members);
        }
        let sent = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&sent);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                serve(&mut stream, &document, decide, &kept);
            }
        });
        Self { issuer, sent }
    }

    /// The bodies of the registrations so far.
    pub fn sent(&self) -> Vec<Value> {
        self.sent.lock().expect("no test holds it").clone()
    }
}

fn serve(stream: &mut TcpStream, document: &Value, decide: Decide, sent: &Mutex<Vec<Value>>) {
    let Some((head, body)) = request(stream) else {
        return;
    };
    if head.contains("/.well-known/") {
        return answer(stream, 200, document);
    }
    if !head.starts_with("POST /register ") {
        return answer(stream, 401, &json!({ "error": "invalid_client" }));
    }
    let body: Value = serde_json::from_str(&body).expect("JSON");
    sent.lock().expect("no test holds it").push(body.clone());
    if let Some((status, body)) = decide(&body) {
        answer(stream, status, &body);
    }
}

fn answer(stream: &mut TcpStream, status: u16, body: &Value) {
    let body = body.to_string();
    let text = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(text.as_bytes());
}

fn request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length:")
                    .and_then(|value| value.trim().parse::<usize>().ok())
            })
            .unwrap_or(0);
        if body.len() >= length {
            return Some((head.to_owned(), body.to_owned()));
        }
    }
}

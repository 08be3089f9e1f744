//! A server whose answers a test writes byte by byte. A connection has one request, and a thread of its
//! own: an answer may be held back while others go out.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
};

use serde_json::{Value, json};

/// A request, read to its end.
#[derive(Debug, Clone)]
pub struct Received {
    pub method: String,
    /// Path and query as they were sent.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Received {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter();
        all.find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Path without query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// A field of a form.
    pub fn field(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.body.as_bytes())
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// The server, until the test ends.
pub struct ScriptedServer {
    pub issuer: String,
}

impl ScriptedServer {
    /// `answer` gets the issuer and the request, and gives the bytes to write before the connection is closed.
    pub fn start(answer: impl Fn(&str, &Received) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let (answer, own) = (Arc::new(answer), issuer.clone());
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let (answer, issuer) = (Arc::clone(&answer), own.clone());
                thread::spawn(move || {
                    if let Some(received) = receive(&mut stream) {
                        // The client may have gone.
                        let _ = stream.write_all(&answer(&issuer, &received));
                    }
                });
            }
        });
        Self { issuer }
    }

    /// An issuer that registers the client `c1`. `own` answers first; `complete` adds to the metadata.
    pub fn issuer(
        complete: impl Fn(&str, &mut Value) + Send + Sync + 'static,
        own: impl Fn(&str, &Received) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        Self::start(move |origin, request| {
            if let Some(answer) = own(origin, request) {
                return answer;
            }
            match (request.method.as_str(), request.path()) {
                ("GET", "/.well-known/oauth-authorization-server") => {
                    let mut metadata = Self::metadata(origin);
                    complete(origin, &mut metadata);
                    Self::json(200, &metadata)
                }
                ("POST", "/register") => Self::json(201, &Self::client(origin, &request.json())),
                _ => Self::json(404, &json!({ "error": "not_found" })),
            }
        })
    }

    /// The client `c1` with this metadata, which can be managed (RFC 7592).
    pub fn client(origin: &str, metadata: &Value) -> Value {
        let mut client = metadata.clone();
        client["client_id"] = "c1".into();
        client["client_secret"] = "s3cret-of-c1".into();
        client["registration_client_uri"] = format!("{origin}/register/c1").into();
        client["registration_access_token"] = "rat-of-c1".into();
        client
    }

    /// Adds the endpoints for introspection and for the user to metadata.
    pub fn with_token_endpoints(origin: &str, metadata: &mut Value) {
        for name in ["introspection", "userinfo"] {
            metadata[format!("{name}_endpoint")] = format!("{origin}/{name}").into();
        }
    }

    /// Metadata of an issuer (RFC 8414) with its endpoints.
    pub fn metadata(issuer: &str) -> Value {
        json!({
            "issuer": issuer,
            "registration_endpoint": format!("{issuer}/register"),
            "token_endpoint": format!("{issuer}/token"),
            "grant_types_supported": ["client_credentials", "refresh_token"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        })
    }

    /// An answer of JSON.
    pub fn json(status: u16, body: &Value) -> Vec<u8> {
        let headers = [("Content-Type", "application/json")];
        Self::reply(status, &headers, body.to_string().as_bytes())
    }

    /// An answer.
    pub fn reply(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
        Self::longer(status, headers, body, 0)
    }

    /// An answer that ends so many bytes before the length that it announces.
    pub fn longer(status: u16, headers: &[(&str, &str)], body: &[u8], missing: usize) -> Vec<u8> {
        let mut bytes = format!(
            "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n",
            body.len() + missing
        )
        .into_bytes();
        for (name, value) in headers {
            bytes.extend_from_slice([name, ": ", value, "\r\n"].concat().as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(body);
        bytes
    }
}

fn receive(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let (head, from) = loop {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break (String::from_utf8_lossy(&bytes[..end]).into_owned(), end + 4);
        }
    };
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ').map(str::to_owned);
    let mut received = Received {
        method: first.next()?,
        target: first.next()?,
        headers: lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect(),
        body: String::new(),
    };
    let length = received
        .header("content-length")
        .and_then(|value| value.parse().ok())
        .unwrap_or(0);
    while bytes.len() < from + length {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
    }
    received.body = String::from_utf8_lossy(&bytes[from..]).into_owned();
    Some(received)
}

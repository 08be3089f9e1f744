//! The listener for the answer of the browser (RFC 8252 §7.3): on an address of this computer alone, for one path and
//! one `Host`, for one answer.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    http::{
        HeaderMap, Method, StatusCode,
        header::{
            CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, REFERRER_POLICY,
        },
    },
    response::{IntoResponse, Response},
};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
};

use super::redirect::LoopbackRedirect;
use crate::{i18n::key::Key, i18n::translate, view::Lang};

/// Answers that wait to be looked at.
const WAITING: usize = 8;
/// How long the browser may take to read the page.
const LAST_PAGE: Duration = Duration::from_secs(2);
/// Tries to find one free port for both addresses of `localhost`.
const TRIES: u32 = 16;

/// What the browser shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// The answer was taken.
    Taken,
    /// The answer was taken and is a refusal, or does not hold.
    Refused,
    /// The answer belongs to another sign-in; this one goes on.
    Other,
}

impl Page {
    /// Its title and its text.
    fn keys(self) -> (Key, Key) {
        match self {
            Self::Taken => (Key::SignInPageTakenTitle, Key::SignInPageTaken),
            Self::Refused => (Key::SignInPageRefusedTitle, Key::SignInPageRefused),
            Self::Other => (Key::SignInPageOtherTitle, Key::SignInPageOther),
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Taken | Self::Refused => StatusCode::OK,
            Self::Other => StatusCode::BAD_REQUEST,
        }
    }
}

/// An answer of the browser: the query of the redirect, and where the page goes.
pub(super) struct Answer {
    pub(super) query: String,
    pub(super) page: oneshot::Sender<Page>,
}

/// The listener, until it is dropped.
pub(super) struct Listener {
    /// The redirect URI that leads here.
    pub(super) redirect_uri: String,
    answers: mpsc::Receiver<Answer>,
    end: watch::Sender<bool>,
    tasks: JoinSet<io::Result<()>>,
}

struct Expected {
    /// `Host` as the browser sends it.
    host: String,
    path: String,
    lang: Lang,
    answers: mpsc::Sender<Answer>,
}

impl Listener {
    /// Listens on the registered port, or on a free one where any may be used.
    pub(super) async fn start(redirect: &LoopbackRedirect, lang: Lang) -> io::Result<Self> {
        let listeners = bind(redirect).await?;
        let port = match listeners.first() {
            Some(listener) => listener.local_addr()?.port(),
            None => return Err(io::ErrorKind::AddrNotAvailable.into()),
        };
        let (sender, answers) = mpsc::channel(WAITING);
        let host = if port == 80 {
            redirect.host.clone()
        } else {
            format!("{}:{port}", redirect.host)
        };
        let expected = Arc::new(Expected {
            host,
            path: redirect.path.clone(),
            lang,
            answers: sender,
        });
        let (end, _) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for listener in listeners {
            let router = Router::new()
                .fallback(answer)
                .with_state(Arc::clone(&expected));
            let mut ended = end.subscribe();
            let end = async move {
                // An error is the end of the listener.
                let _ = ended.wait_for(|ended| *ended).await;
            };
            tasks.spawn(async move {
                axum::serve(listener, router)
                    .with_graceful_shutdown(end)
                    .await
            });
        }
        Ok(Self {
            redirect_uri: redirect.with_port(port),
            answers,
            end,
            tasks,
        })
    }

    /// The next answer.
    pub(super) async fn next(&mut self) -> Option<Answer> {
        self.answers.recv().await
    }

    /// Takes no more, and lets the browser read the last page.
    pub(super) async fn finish(mut self) {
        self.answers.close();
        let _ = self.end.send(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        // A browser that holds its connection open is not waited for.
        let _ = tokio::time::timeout(LAST_PAGE, all).await;
    }
}

async fn bind(redirect: &LoopbackRedirect) -> io::Result<Vec<TcpListener>> {
    let mut tries = 0;
    loop {
        match bind_once(redirect).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && tries < TRIES => {
                if redirect.port.is_some() {
                    return Err(error);
                }
                tries += 1;
            }
            outcome => return outcome,
        }
    }
}

/// One port on each address. A computer without IPv6 has the first alone.
async fn bind_once(redirect: &LoopbackRedirect) -> io::Result<Vec<TcpListener>> {
    let mut listeners: Vec<TcpListener> = Vec::new();
    let mut port = redirect.port.unwrap_or(0);
    for address in &redirect.addresses {
        match TcpListener::bind(SocketAddr::new(*address, port)).await {
            Ok(listener) => {
                port = listener.local_addr()?.port();
                listeners.push(listener);
            }
            Err(error) if listeners.is_empty() || error.kind() == io::ErrorKind::AddrInUse => {
                return Err(error);
            }
            Err(error) => tracing::debug!(%error, "no second address"),
        }
    }
    Ok(listeners)
}

async fn answer(State(expected): State<Arc<Expected>>, request: Request) -> Response {
    // A page that a name of its own led here (DNS rebinding) names itself in `Host`.
    let host = host_of(request.headers());
    if !host.is_some_and(|host| host.eq_ignore_ascii_case(&expected.host)) {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    if request.uri().path() != expected.path {
        return StatusCode::NOT_FOUND.into_response();
    }
    if request.method() != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let query = request.uri().query().unwrap_or_default().to_owned();
    let (page, shown) = oneshot::channel();
    let sent = expected.answers.try_send(Answer { query, page }).is_ok();
    match (sent, shown.await) {
        (true, Ok(page)) => page_of(expected.lang, page),
        _ => StatusCode::GONE.into_response(),
    }
}

/// The one `Host` of a request.
fn host_of(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(HOST).iter();
    let first = all.next()?.to_str().ok();
    if all.next().is_some() { None } else { first }
}

fn page_of(lang: Lang, page: Page) -> Response {
    let (title, text) = page.keys();
    let (title, text) = (translate(lang, title, &[]), translate(lang, text, &[]));
    let tag = lang.tag();
    let html = format!(
        "<!doctype html><html lang=\"{tag}\"><meta charset=\"utf-8\"><title>Keywright</title>\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <style>:root{{color-scheme:light dark}}body{{font:16px/1.5 system-ui,sans-serif;margin:20vh auto;\
         max-width:32em;padding:0 1em}}h1{{font-size:1.25em}}</style>\
         <main><h1>{title}</h1><p>{text}</p></main></html>\n"
    );
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        // The address of this page has the code.
        (REFERRER_POLICY, "no-referrer"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        ),
        (CONNECTION, "close"),
    ];
    (page.status(), headers, html).into_response()
}

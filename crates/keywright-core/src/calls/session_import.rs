//! A session of a browser or another tool: looked at, tried, taken in.

use http::Method;
use keywright_oauth::http::{Auth, Purpose, Request, Response};
use keywright_vault::{
    ApplicationRow, MadeWith, SECRET_JAR, SECRET_LAST_URL, SecretText, SessionChange, SessionPick,
    SessionRow,
};
use serde_json::json;
use url::Url;

use crate::{
    CoreError,
    app::{FlowSubject, audit_action::AuditAction, runtime::small},
    calls::{
        address,
        cookies::{self, BrowserCookie, Cookie, Jar},
        login_page,
        session_row::{address_key, describe, makes, new_row},
        session_types::{
            ImportedCookie, LeftOut, SessionImportFormat, SessionImportInput, SessionImportPreview,
            SessionImportResult,
        },
        sessions::{Sessions, role_view},
    },
    error::input_problem::InputProblem,
    file_kind,
    i18n::key::{Family, Key},
};

/// Values tried one by one, at most.
const TRIED: usize = 8;

/// What a try found.
struct Tried {
    status: u16,
    /// Names of the cookies that were accepted alone.
    proven: Vec<String>,
    /// The address answers without any cookie as well.
    open: bool,
}

impl Sessions<'_> {
    /// What a text holds for requests to an address. Nothing is saved.
    pub fn preview_import(self, url: &str, text: &[u8]) -> Result<SessionImportPreview, CoreError> {
        let url = address(url)?;
        let (format, found) = self.read_browser(&url, text)?;
        Ok(SessionImportPreview {
            format: match format {
                cookies::Format::CookieHeader => SessionImportFormat::CookieHeader,
                cookies::Format::Har => SessionImportFormat::Har,
                cookies::Format::CookiesFile => SessionImportFormat::CookiesFile,
            },
            cookies: found
                .iter()
                .enumerate()
                .map(|(index, one)| imported(index, one))
                .collect(),
        })
    }

    /// Takes a session in, in place of the one that the application has with that API. With `try_it`, only if the
    /// API accepts it.
    pub async fn import(
        self,
        input: &SessionImportInput,
    ) -> Result<SessionImportResult, CoreError> {
        self.import_bytes(input, input.text.as_bytes()).await
    }

    /// The same from bytes, which need not be text.
    pub async fn import_bytes(
        self,
        input: &SessionImportInput,
        text: &[u8],
    ) -> Result<SessionImportResult, CoreError> {
        let application = self.app.application_row(&input.application_id)?;
        let url = address(&input.url)?;
        let (_, found) = self.read_browser(&url, text)?;
        let now_ms = self.app.0.clock.now_ms();
        let chosen: Vec<Cookie> = found
            .iter()
            .enumerate()
            .filter(|(index, one)| match &input.keep {
                Some(keep) => one.unfit.is_none() && keep.contains(&small(*index as u64)),
                None => imported(*index, one).keep,
            })
            .map(|(_, one)| Cookie {
                asked_at_ms: now_ms,
                ..one.cookie.clone()
            })
            .collect();
        if chosen.is_empty() {
            return Err(CoreError::Input {
                what: InputProblem::SessionImportEmpty,
                detail: url.origin().ascii_serialization(),
            });
        }
        let mut jar = Jar::default();
        jar.merge(chosen, now_ms);
        let mut named = input.session_cookies.clone();
        named.extend(self.names(&application)?);
        let tried = if input.try_it {
            Some(
                self.try_session(&application, &url, &mut jar, &named)
                    .await?,
            )
        } else {
            None
        };
        let row = self.keep_import(&application, &url, &jar, &named, tried.as_ref())?;
        self.app.audit(
            AuditAction::SessionImported,
            &application.id.to_string(),
            json!({ "name": format!("{}, {}", application.name, row.origin) }),
        )?;
        let note = match &tried {
            Some(tried) if tried.open => Some(Key::SessionImportOpen),
            Some(tried) if tried.proven.is_empty() => Some(Key::SessionImportTogether),
            Some(_) => None,
            None => Some(Key::SessionImportUntried),
        };
        Ok(SessionImportResult {
            session: self.get(&row.id.to_string())?,
            status: tried.map(|tried| tried.status),
            note: note.map(|key| self.app.translate(key, &[])),
        })
    }

    fn read_browser(
        self,
        url: &Url,
        text: &[u8],
    ) -> Result<(cookies::Format, Vec<BrowserCookie>), CoreError> {
        // Windows writes UTF-16 with a mark. Anything else is taken as bytes: cookies need not be text.
        let found = if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
            file_kind::decode(text)
                .ok()
                .and_then(|text| cookies::read_browser(text.as_bytes(), url, self.app.now()))
        } else {
            cookies::read_browser(text, url, self.app.now())
        };
        found.ok_or_else(|| match file_kind::recognise(text) {
            Some(kind) => CoreError::Input {
                what: InputProblem::SessionImportFile,
                detail: self.app.translate(Family::FileKind.key(kind.as_str()), &[]),
            },
            None => CoreError::Input {
                what: InputProblem::SessionImportFormat,
                detail: String::new(),
            },
        })
    }

    /// Calls the address with the cookies, without any, and where several may make the session, with each value alone.
    async fn try_session(
        self,
        application: &ApplicationRow,
        url: &Url,
        jar: &mut Jar,
        named: &[String],
    ) -> Result<Tried, CoreError> {
        let now_ms = self.app.0.clock.now_ms();
        let now = now_ms.div_euclid(1000);
        let all = self.call_with(application, url, jar, |_| true).await?;
        let login = login_page::of(url, &all, false);
        if !all.is_success() || login.is_some() {
            return Err(CoreError::SessionNotAccepted {
                address: url.origin().ascii_serialization(),
                status: all.status,
                login_page: login,
            });
        }
        let renew = |jar: &mut Jar, answer: &Response| {
            let asked = cookies::asked(url, &answer.headers, now_ms, now);
            jar.merge(asked.cookies, now_ms);
        };
        renew(jar, &all);
        let mut tried = Tried {
            status: all.status,
            proven: Vec::new(),
            open: false,
        };
        let none = self.call_with(application, url, jar, |_| false).await?;
        if none.is_success() && login_page::of(url, &none, false).is_none() {
            tried.open = true;
            return Ok(tried);
        }
        let mut row = new_row(application.id, &url.origin().ascii_serialization(), now);
        describe(&mut row, jar, named, now);
        let values = values_of(&row);
        if values.len() == 1 {
            tried.proven = parts_of(&row, &values[0]);
            return Ok(tried);
        }
        for value in values.iter().take(TRIED) {
            let parts = parts_of(&row, value);
            let others = |name: &str| {
                let known = row.cookies.iter().find(|one| one.name == name);
                known.is_some_and(|one| !makes(one.role))
            };
            let alone = |one: &Cookie| {
                let name = one.label();
                parts.contains(&name) || others(&name)
            };
            let answer = self.call_with(application, url, jar, alone).await?;
            if answer.is_success() && login_page::of(url, &answer, true).is_none() {
                renew(jar, &answer);
                tried.proven = parts;
                break;
            }
        }
        Ok(tried)
    }

    async fn call_with(
        self,
        application: &ApplicationRow,
        url: &Url,
        jar: &Jar,
        which: impl Fn(&Cookie) -> bool,
    ) -> Result<Response, CoreError> {
        let flow = self.app.flow(FlowSubject {
            configuration: Some(application.configuration_id),
            application: Some(application.id),
        });
        let mut request = Request::new(Method::GET, url.clone(), Purpose::ApiCall, flow.id);
        request.idempotent = false;
        request.keep_redirects = true;
        let sent: Vec<&Cookie> = jar
            .for_url(url, self.app.now())
            .into_iter()
            .filter(|one| which(one))
            .collect();
        if !sent.is_empty() {
            request.auth = Auth::Cookie(cookies::header_of(&sent));
        }
        self.app
            .calls()
            .send_with(application, request, "session")
            .await
    }

    fn keep_import(
        self,
        application: &ApplicationRow,
        url: &Url,
        jar: &Jar,
        named: &[String],
        tried: Option<&Tried>,
    ) -> Result<SessionRow, CoreError> {
        let now = self.app.now();
        let origin = url.origin().ascii_serialization();
        let limits = self.limits(application)?;
        self.app
            .vault()?
            .change_session(SessionPick::At(application.id, &origin), |current| {
                let fresh = new_row(application.id, &origin, now);
                let mut row = SessionRow {
                    id: current.map_or(fresh.id, |(row, _)| row.id),
                    made_with: MadeWith::Import,
                    accepted: vec![address_key("GET", url)],
                    ..fresh
                };
                [row.idle_secs, row.rolling_secs, row.absolute_secs] = limits;
                if let Some(tried) = tried {
                    row.proven.clone_from(&tried.proven);
                    row.replays = 1;
                    row.accepted_at = (!tried.open).then_some(now);
                }
                row.proven.extend(named.iter().cloned());
                describe(&mut row, jar, named, now);
                if row.jar_only {
                    return Err(CoreError::Input {
                        what: InputProblem::SessionImportOther,
                        detail: origin.clone(),
                    });
                }
                let secrets = vec![
                    (SECRET_JAR.to_owned(), Some(jar.kept()?)),
                    (
                        SECRET_LAST_URL.to_owned(),
                        Some(SecretText::new(url.as_str())),
                    ),
                ];
                let stored = row.clone();
                Ok((Some(SessionChange { row, secrets }), stored))
            })
    }
}

/// Bases of the names that may make the session; those that read like a session first.
fn values_of(row: &SessionRow) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for cookie in row.cookies.iter().filter(|one| makes(one.role)) {
        let base = cookies::chunk_base(&cookie.name).to_owned();
        if !values.contains(&base) {
            values.push(base);
        }
    }
    let reads_so = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["sess", "sid", "auth", "token", "login", "lemonldap"]
            .iter()
            .any(|part| name.contains(part))
    };
    values.sort_by_key(|name| !reads_so(name));
    values
}

fn parts_of(row: &SessionRow, base: &str) -> Vec<String> {
    row.cookies
        .iter()
        .filter(|one| makes(one.role) && cookies::chunk_base(&one.name) == base)
        .map(|one| one.name.clone())
        .collect()
}

fn imported(index: usize, one: &BrowserCookie) -> ImportedCookie {
    let name = one.cookie.label();
    let left_out = match one.unfit {
        Some("expired") => Some(LeftOut::Expired),
        Some(_) => Some(LeftOut::OtherAddress),
        None if cookies::is_analytics(&name) => Some(LeftOut::Analytics),
        None => None,
    };
    ImportedCookie {
        index: small(index as u64),
        domain: one.cookie.domain.clone(),
        path: one.cookie.path.clone(),
        length: small(one.cookie.value.expose().len() as u64),
        expires_at: one.cookie.expires_at,
        role: role_view(cookies::role_of(&name)),
        keep: left_out.is_none(),
        left_out,
        name,
    }
}

//! A browser without a screen: it follows redirects, keeps cookies, and fills in and sends the first form of a page.

use std::collections::BTreeMap;

use reqwest::{
    Client, Response,
    header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE},
    redirect::Policy,
};
use tokio::runtime::Runtime;
use url::Url;

/// So many pages lead through a login at most.
const MOST: usize = 24;

/// A page.
#[derive(Debug, Clone)]
pub struct Page {
    pub address: Url,
    pub status: u16,
    pub text: String,
}

/// The browser.
pub struct Browser {
    runtime: Runtime,
    client: Client,
    /// By host and port, then by name.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
}

impl Default for Browser {
    fn default() -> Self {
        Self::new()
    }
}

impl Browser {
    pub fn new() -> Self {
        Self {
            runtime: Runtime::new().expect("a runtime"),
            client: Client::builder()
                .redirect(Policy::none())
                .no_proxy()
                .build()
                .expect("a client"),
            cookies: BTreeMap::new(),
        }
    }

    /// Enters the code of a device as a user of the tests, and signs in.
    pub fn enter_code(&mut self, address: &Url, code: &str) -> Page {
        let fill = [("user_code", code), ("login", "tester"), ("password", "x")];
        self.sign_in(address, &fill)
    }

    /// Chooses a demo user on the page of the Sandbox and allows.
    pub fn allow_at_sandbox(&mut self, address: &Url, user: &str) -> Page {
        self.sign_in(address, &[("user", user), ("decision", "allow")])
    }

    /// Opens an address and goes through all forms: fields of `fill` get these values, all others stay. Ends at a page
    /// without a form.
    pub fn sign_in(&mut self, address: &Url, fill: &[(&str, &str)]) -> Page {
        let mut page = self.open(address);
        for _ in 0..MOST {
            let Some((to, fields)) = form(&page, fill) else {
                return page;
            };
            page = self.send("POST", &to, Some(fields));
        }
        panic!("no end of forms: {page:?}");
    }

    /// Opens an address and follows redirects.
    pub fn open(&mut self, address: &Url) -> Page {
        self.send("GET", address, None)
    }

    /// A request with a body of JSON, as the scripts of a page send it.
    pub fn json(&mut self, method: &str, address: &Url, body: &serde_json::Value) -> Page {
        let method = method.parse().expect("a method");
        let request = self.client.request(method, address.clone()).json(body);
        self.exchange(request, address).0
    }

    fn send(&mut self, method: &str, address: &Url, form: Option<Vec<(String, String)>>) -> Page {
        let mut address = address.clone();
        let mut request = self
            .client
            .request(method.parse().expect("a method"), address.clone());
        if let Some(fields) = form {
            let body = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish();
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body);
        }
        for _ in 0..MOST {
            let (page, to) = self.exchange(request, &address);
            let Some(to) = to.filter(|_| (300..400).contains(&page.status)) else {
                return page;
            };
            address = address.join(&to).expect("an address");
            if address.scheme() != "http" || !address.host_str().is_some_and(is_here) {
                // The end of the way of a test.
                return Page { address, ..page };
            }
            request = self.client.get(address.clone());
        }
        panic!("no end of redirects: {address}");
    }

    fn exchange(
        &mut self,
        request: reqwest::RequestBuilder,
        address: &Url,
    ) -> (Page, Option<String>) {
        let jar = self.cookies.entry(site(address)).or_default();
        let cookies: Vec<String> = jar.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let request = request.header(COOKIE, cookies.join("; "));
        let (status, headers, text) = self.runtime.block_on(async {
            let response: Response = request.send().await.expect("an answer");
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            (status, headers, response.text().await.expect("a text"))
        });
        keep(jar, &headers);
        let to = headers.get(LOCATION);
        let page = Page {
            address: address.clone(),
            status,
            text,
        };
        (page, to.map(|to| to.to_str().expect("a text").to_owned()))
    }
}

fn is_here(host: &str) -> bool {
    matches!(host, "127.0.0.1" | "localhost" | "[::1]")
}

fn site(address: &Url) -> String {
    format!("{:?}:{:?}", address.host_str(), address.port())
}

fn keep(jar: &mut BTreeMap<String, String>, headers: &HeaderMap) {
    for line in headers.get_all(SET_COOKIE) {
        let line = line.to_str().expect("a text");
        let pair = line.split(';').next().unwrap_or_default();
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if value.is_empty() {
            jar.remove(name.trim());
        } else {
            jar.insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
}

/// Where the first form of a page goes, and its fields.
fn form(page: &Page, fill: &[(&str, &str)]) -> Option<(Url, Vec<(String, String)>)> {
    let text = page.text.split_once("<form")?.1;
    let (tag, rest) = text.split_once('>')?;
    let to = attribute(tag, "action").unwrap_or_default();
    let inner = rest.split("</form>").next().unwrap_or_default();
    let mut fields = Vec::new();
    for part in inner.split("<input").skip(1) {
        let tag = part.split('>').next().unwrap_or_default();
        let Some(name) = attribute(tag, "name") else {
            continue;
        };
        let filled = fill.iter().find(|(field, _)| *field == name);
        let value = filled.map(|(_, value)| (*value).to_owned());
        if attribute(tag, "type").as_deref() == Some("radio") {
            let own = attribute(tag, "value").unwrap_or_default();
            let is_chosen = value.map_or(tag.contains(" checked"), |value| value == own);
            fields.extend(is_chosen.then_some((name, own)));
            continue;
        }
        fields.push((
            name,
            value
                .or_else(|| attribute(tag, "value"))
                .unwrap_or_default(),
        ));
    }
    // A button that is pressed; it may be elsewhere on the page and name the form.
    let id = attribute(tag, "id");
    let (before, after) = page.text.split_once(inner).unwrap_or_default();
    let elsewhere = format!("{before}{after}");
    let outside = elsewhere.split("<button").skip(1).filter(|part| {
        let tag = part.split('>').next().unwrap_or_default();
        id.is_some() && attribute(tag, "form") == id
    });
    for part in inner.split("<button").skip(1).chain(outside) {
        let tag = part.split('>').next().unwrap_or_default();
        let pressed = (attribute(tag, "name"), attribute(tag, "value"));
        let (Some(name), Some(value)) = pressed else {
            continue;
        };
        if fill.contains(&(name.as_str(), value.as_str())) {
            fields.push((name, value));
        }
    }
    Some((page.address.join(&to).expect("an address"), fields))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let rest = tag.split_once(&format!(" {name}=\""))?.1;
    let value = rest.split('"').next()?;
    Some(value.replace("&amp;", "&").replace("&#x27;", "'"))
}

//! Where a tenant is: the clouds and their hosts, and the two forms of issuer.

use std::collections::BTreeMap;

use keywright_oauth::discover;
use url::Url;
use uuid::Uuid;

use super::settings::{CLOUD, GRAPH_ENDPOINT, LOGIN_ENDPOINT};
use crate::{
    ProviderConfig, ProviderError,
    settings::{Prefill, filled, key},
};

/// The hosts of a cloud. Tokens and scopes of one cloud are worth nothing in another.
struct Cloud {
    name: &'static str,
    /// Where its tokens of version 1 say that they come from.
    sts: &'static str,
    login: &'static str,
    graph: &'static str,
}

/// The first is the one that is meant when none is named. Microsoft's pages name two login hosts for
/// China: this is the one of the Entra pages and of the login host's own list; the other can be typed.
const CLOUDS: &[Cloud] = &[
    Cloud {
        name: "global",
        sts: "https://sts.windows.net",
        login: "https://login.microsoftonline.com",
        graph: "https://graph.microsoft.com",
    },
    Cloud {
        name: "us_gov",
        sts: "https://sts.windows.net",
        login: "https://login.microsoftonline.us",
        graph: "https://graph.microsoft.us",
    },
    Cloud {
        name: "us_dod",
        sts: "https://sts.windows.net",
        login: "https://login.microsoftonline.us",
        graph: "https://dod-graph.microsoft.us",
    },
    Cloud {
        name: "china",
        sts: "https://sts.chinacloudapi.cn",
        login: "https://login.partner.microsoftonline.cn",
        graph: "https://microsoftgraph.chinacloudapi.cn",
    },
];

/// The names for the setting.
pub(super) const CLOUD_NAMES: &[&str] = &["global", "us_gov", "us_dod", "china"];

/// Tenants that stand for many: nobody can be the client of all of them.
const MANY: &[&str] = &["common", "organizations", "consumers"];

fn cloud(name: Option<&str>) -> &'static Cloud {
    let named = CLOUDS.iter().find(|cloud| Some(cloud.name) == name);
    named.unwrap_or(&CLOUDS[0])
}

/// The Graph hosts of all clouds.
pub(super) fn graph_hosts() -> impl Iterator<Item = &'static str> {
    CLOUDS
        .iter()
        .filter_map(|cloud| cloud.graph.strip_prefix("https://"))
}

/// Which form of tokens an issuer stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// `https://sts.windows.net/{tenant}/`, claim `appid`.
    One,
    /// `https://login.microsoftonline.com/{tenant}/v2.0`, claim `azp`.
    Two,
}

/// An issuer, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Issuer {
    /// All before the tenant.
    base: String,
    tenant: String,
    version: Version,
}

impl Issuer {
    fn read(typed: &str) -> Option<Self> {
        let issuer = discover::issuer_of(typed).ok()?;
        let issuer = issuer.trim_end_matches('/');
        let (rest, version) = match issuer.strip_suffix("/v2.0") {
            Some(rest) => (rest, Version::Two),
            None => (issuer, Version::One),
        };
        let (base, tenant) = rest.rsplit_once('/')?;
        // What stands before must still be an address, or the host was taken for the tenant.
        Url::parse(base).ok()?.host()?;
        Some(Self {
            base: base.to_owned(),
            tenant: tenant.to_owned(),
            version,
        })
    }
}

/// A tenant has an id and names; whoever asks by a name is answered with the id. Version 1 issuers end
/// with a slash that people leave out. Everything else must be the same to the letter.
pub(super) fn is_issuer(asked: &str, answered: &str) -> bool {
    let asked_text = discover::issuer_of(asked);
    if asked_text.is_ok_and(|asked| asked == answered) {
        return true;
    }
    match (Issuer::read(asked), Issuer::read(answered)) {
        (Some(asked), Some(answered)) => {
            asked.base == answered.base
                && asked.version == answered.version
                && is_tenant(&asked.tenant, &answered.tenant)
        }
        _ => false,
    }
}

/// The same tenant in the form of the other version. The version of a token is that of the API it is for, whichever
/// endpoint issued it, and the tenant signs both with the same keys.
pub(crate) fn is_other_version(known: &str, named: &str) -> bool {
    let (Some(known), Some(named)) = (Issuer::read(known), Issuer::read(named)) else {
        return false;
    };
    let (one, two) = match (known.version, named.version) {
        (Version::One, Version::Two) => (&known, &named),
        (Version::Two, Version::One) => (&named, &known),
        _ => return false,
    };
    let is_of_one_cloud = CLOUDS
        .iter()
        .any(|cloud| cloud.sts == one.base && cloud.login == two.base);
    one.tenant == two.tenant && (is_of_one_cloud || one.base == two.base)
}

fn is_tenant(asked: &str, answered: &str) -> bool {
    let by_name = asked.contains('.') && Uuid::try_parse(asked).is_err();
    asked == answered || by_name && Uuid::try_parse(answered).is_ok()
}

/// The document of `common` names no tenant, but a blank for one.
pub(super) fn is_of_many(answered: &str) -> bool {
    answered.contains("{tenantid}")
}

/// Do both addresses name the same endpoint of one tenant, one by name and one by id?
pub(super) fn is_same_endpoint(typed: &Url, named: &Url, tenant: &str) -> bool {
    if typed == named {
        return true;
    }
    let segments = |url: &Url| -> Vec<String> {
        url.path_segments()
            .map(|parts| parts.map(str::to_owned).collect())
            .unwrap_or_default()
    };
    let (a, b) = (segments(typed), segments(named));
    typed.origin() == named.origin()
        && a.len() == b.len()
        && a.iter()
            .zip(&b)
            .all(|(a, b)| a == b || a == tenant && is_tenant(a, b))
}

/// The addresses of one tenant.
#[derive(Debug, Clone)]
pub(super) struct TenantEndpoints {
    pub(super) login: Url,
    pub(super) graph: Url,
    /// What an admin token is asked for. Always the cloud's own Graph, also behind another address.
    pub(super) graph_scope: String,
    pub(super) tenant: String,
    pub(super) version: Version,
}

impl TenantEndpoints {
    pub(super) fn of(config: &ProviderConfig) -> Result<Self, ProviderError> {
        let cloud = cloud(config.setting(CLOUD));
        let base = |key: &'static str, theirs: &str| match config.address(key)? {
            Some(typed) => Ok(typed),
            None => Url::parse(theirs).map_err(|source| ProviderError::Address { key, source }),
        };
        let issuer = Issuer::read(&config.issuer);
        let version = issuer
            .as_ref()
            .map_or(Version::Two, |issuer| issuer.version);
        let tenant = issuer
            .map(|issuer| issuer.tenant)
            .or_else(|| config.text(key::TENANT))
            .ok_or(ProviderError::Missing { key: key::TENANT })?;
        Ok(Self {
            login: base(LOGIN_ENDPOINT, cloud.login)?,
            graph: base(GRAPH_ENDPOINT, cloud.graph)?,
            graph_scope: format!("{}/.default", cloud.graph),
            tenant,
            version,
        })
    }

    /// Version 1 issuers have their document at the login host as well.
    pub(super) fn discovery(&self) -> Url {
        let version = match self.version {
            Version::One => "",
            Version::Two => "/v2.0",
        };
        let path = format!("{}{version}/.well-known/openid-configuration", self.tenant);
        join(&self.login, &path)
    }

    pub(super) fn token_endpoint(&self) -> Url {
        join(&self.login, &format!("{}/oauth2/v2.0/token", self.tenant))
    }

    /// An address of Graph, version 1.0.
    pub(super) fn graph(&self, path: &str) -> Url {
        join(&self.graph, &format!("v1.0/{path}"))
    }

    /// `common` and its like, which no application can be the client of.
    pub(super) fn is_many(&self) -> bool {
        MANY.contains(&self.tenant.as_str())
    }
}

/// A path below a base address, which may have a path of its own.
fn join(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}

/// The addresses that follow from the tenant.
pub(crate) fn prefill(settings: &BTreeMap<String, String>) -> Option<Prefill> {
    let tenant = filled(settings, key::TENANT)?;
    let is_tenant = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if !tenant.chars().all(is_tenant) {
        return None;
    }
    let login = filled(settings, LOGIN_ENDPOINT)
        .unwrap_or_else(|| cloud(filled(settings, CLOUD)).login)
        .trim_end_matches('/');
    Some(Prefill {
        issuer: format!("{login}/{tenant}/v2.0"),
        token_endpoint: format!("{login}/{tenant}/oauth2/v2.0/token"),
    })
}

/// The hosts of login and Graph, which every secret of this kind goes to.
pub(super) fn addresses(config: &ProviderConfig) -> Vec<Url> {
    TenantEndpoints::of(config)
        .map(|endpoints| vec![endpoints.login, endpoints.graph])
        .unwrap_or_default()
}

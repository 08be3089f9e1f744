//! Where a request may arrive. Addresses that only a stranger named are reached on the public network
//! alone, and the address that was looked at is the one connected to: a name that changes its mind
//! between the look and the connection (DNS rebinding) gains nothing.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use futures::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Finds the addresses of a name.
pub(super) type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, Found> + Send + Sync>;
type Found = io::Result<Vec<SocketAddr>>;

/// A name that a stranger gave leads into a private network.
#[derive(Debug, thiserror::Error)]
#[error("{address} is not on the public network")]
pub(super) struct NotPublic {
    pub(super) address: IpAddr,
}

/// What an address is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Network {
    /// The public network.
    Public,
    /// A range that providers and tools of a company share out: carrier-grade NAT (RFC 6598), which overlay networks
    /// use too, and benchmarks (RFC 2544), which proxies use for names they resolve themselves. A public host may have
    /// such an address for one user, so the user is asked.
    Shared,
    /// This machine, a private network, or a range with a special meaning.
    Private,
}

/// Resolves names for one client.
pub(super) struct Resolver {
    lookup: Lookup,
    /// Only strangers gave these names: they may lead to public addresses only.
    guarded: bool,
}

impl Resolver {
    /// For names that the user gave.
    pub(super) fn open(lookup: Lookup) -> Self {
        Self {
            lookup,
            guarded: false,
        }
    }

    /// For names that only strangers gave.
    pub(super) fn guarded(lookup: Lookup) -> Self {
        Self {
            lookup,
            guarded: true,
        }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guarded = self.guarded;
        let found = (self.lookup)(name.as_str().to_owned());
        Box::pin(async move {
            let addresses = found.await?;
            if guarded {
                all_public(&addresses)?;
            }
            let addresses: Addrs = Box::new(addresses.into_iter());
            Ok(addresses)
        })
    }
}

/// Asks the system, as every program on this machine does.
pub(super) fn system() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
    })
}

/// `localhost` and the names below it are this machine (RFC 6761 §6.3), whatever a name server says.
pub(super) fn this_machine() -> Lookup {
    Arc::new(|_name| {
        let both = [
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
        ];
        Box::pin(async move { Ok(both.map(|ip| SocketAddr::new(ip, 0)).to_vec()) })
    })
}

/// One private address among public ones is refused too: which one is connected to is not ours to say.
fn all_public(addresses: &[SocketAddr]) -> Result<(), NotPublic> {
    let of = |wanted: Network| {
        let mut all = addresses.iter().map(SocketAddr::ip);
        all.find(|address| network(*address) == wanted)
    };
    match of(Network::Private).or_else(|| of(Network::Shared)) {
        Some(address) => Err(NotPublic { address }),
        None => Ok(()),
    }
}

/// The address that an URL names by itself, where it is none of the public network.
pub(super) fn private_literal(url: &Url) -> Option<IpAddr> {
    let address = match url.host()? {
        Host::Ipv4(address) => IpAddr::V4(address),
        Host::Ipv6(address) => IpAddr::V6(address),
        Host::Domain(name) if is_localhost(name) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        Host::Domain(_) => return None,
    };
    (network(address) != Network::Public).then_some(address)
}

/// `localhost` or a name below it. A final dot says that the name is whole (RFC 1034 §3.1).
pub(super) fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

/// What an address is part of (the registries of IANA behind RFC 6890).
pub(super) fn network(address: IpAddr) -> Network {
    match address {
        IpAddr::V4(address) => network_v4(address),
        IpAddr::V6(address) => network_v6(address),
    }
}

fn network_v4(address: Ipv4Addr) -> Network {
    let [a, b, c, _] = address.octets();
    if (a == 100 && (64..128).contains(&b)) || (a == 198 && (b == 18 || b == 19)) {
        return Network::Shared;
    }
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        // Protocol assignments, 6to4 relays.
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99);
    if special {
        Network::Private
    } else {
        Network::Public
    }
}

fn network_v6(address: Ipv6Addr) -> Network {
    let parts = address.segments();
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        network_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        // IPv4 addresses in another dress: mapped (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056).
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            embedded(high, low)
        }
        [0x2002, high, low, ..] => embedded(high, low),
        // Teredo and ORCHID (2001::/23), documentation.
        [0x2001, second, ..] if second < 0x200 || second == 0xdb8 => Network::Private,
        [0x3fff, second, ..] if second < 0x1000 => Network::Private,
        // Global unicast is 2000::/3; all that matters outside it is not for strangers to name.
        [first, ..] if (first & 0xe000) == 0x2000 => Network::Public,
        _ => Network::Private,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn t03_no_range_of_a_private_network_counts_as_public() {
        for private in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.251",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::fb",
        ] {
            assert_eq!(
                network(private.parse().unwrap()),
                Network::Private,
                "{private}"
            );
        }
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "223.255.255.254",
            "2606:4700:4700::1111",
            "2a00:1450::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ] {
            assert_eq!(
                network(public.parse().unwrap()),
                Network::Public,
                "{public}"
            );
        }
    }

    #[test]
    fn t03_a_shared_range_is_neither_public_nor_private() {
        for shared in [
            "100.64.0.1",
            "100.127.255.255",
            "198.18.0.1",
            "198.19.255.255",
            "::ffff:100.64.0.1",
        ] {
            assert_eq!(
                network(shared.parse().unwrap()),
                Network::Shared,
                "{shared}"
            );
        }
    }

    #[test]
    fn t03_an_address_is_seen_in_each_way_of_writing_it() {
        for private in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://017700000001/",
            "http://0/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "https://10.1/",
            "https://169.254.169.254/latest",
            "https://localhost/",
            "https://a.localhost/",
            "https://LOCALHOST/",
            "https://localhost./",
            "https://a.LOCALHOST./",
            "https://１２７.0.0.1/",
            "https://127。0。0。1/",
        ] {
            assert!(
                private_literal(&private.parse().unwrap()).is_some(),
                "{private}"
            );
        }
        for other in [
            "https://localhost.evil.example/",
            "https://localhost../",
            "https://127.0.0.1.evil.example/",
            "https://8.8.8.8/",
        ] {
            assert!(
                private_literal(&other.parse().unwrap()).is_none(),
                "{other}"
            );
        }
    }

    fn scripted(answers: &'static [&'static str]) -> (Lookup, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let lookup: Lookup = Arc::new(move |_name| {
            let turn = count.fetch_add(1, Ordering::SeqCst);
            let answer = answers[turn.min(answers.len() - 1)];
            let found = answer
                .split(',')
                .map(|ip| SocketAddr::new(ip.parse().unwrap(), 0))
                .collect();
            Box::pin(async move { Ok(found) })
        });
        (lookup, asked)
    }

    async fn resolved(resolver: &Resolver, name: &str) -> Result<Vec<String>, String> {
        let found = resolver.resolve(name.parse().unwrap()).await;
        found
            .map(|all| all.map(|address| address.ip().to_string()).collect())
            .map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn t04_the_address_that_was_checked_is_the_one_given_to_connect() {
        let (lookup, asked) = scripted(&["8.8.8.8", "127.0.0.1"]);
        let resolver = Resolver::guarded(lookup);
        assert_eq!(
            resolved(&resolver, "rebind.example").await.unwrap(),
            ["8.8.8.8"]
        );
        assert_eq!(
            asked.load(Ordering::SeqCst),
            1,
            "the name is asked for once a connection"
        );
        let second = resolved(&resolver, "Rebind.example").await.unwrap_err();
        assert!(second.contains("127.0.0.1"), "{second}");
    }

    #[tokio::test]
    async fn t04_one_private_address_among_public_ones_is_refused() {
        let (lookup, _) = scripted(&["8.8.8.8,169.254.169.254"]);
        let resolver = Resolver::guarded(lookup);
        assert!(resolved(&resolver, "both.example").await.is_err());
        let (lookup, _) = scripted(&["8.8.8.8,100.64.0.1"]);
        assert!(
            resolved(&Resolver::guarded(lookup), "shared.example")
                .await
                .is_err()
        );
        // What the user named may be in the company's own network.
        let (lookup, _) = scripted(&["10.0.0.7"]);
        let named = Resolver::open(lookup);
        assert_eq!(resolved(&named, "id.corp").await.unwrap(), ["10.0.0.7"]);
    }

    #[tokio::test]
    async fn t08_no_name_server_is_asked_where_localhost_is() {
        let resolver = Resolver::open(this_machine());
        let found = resolved(&resolver, "anything.localhost").await.unwrap();
        assert_eq!(found, ["127.0.0.1", "::1"]);
    }
}

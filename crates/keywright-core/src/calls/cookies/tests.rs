#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use http::HeaderValue;

use super::*;

const NOW: i64 = 1_800_000_000;

fn set(url: &str, cookies: &[&[u8]], asked_at_ms: i64) -> Asked {
    let mut headers = HeaderMap::new();
    for cookie in cookies {
        headers.append(SET_COOKIE, HeaderValue::from_bytes(cookie).unwrap());
    }
    asked(&url.parse().unwrap(), &headers, asked_at_ms, NOW)
}

fn tried(url: &str, cookies: &[&str]) -> (Jar, Vec<Refused>) {
    let bytes: Vec<&[u8]> = cookies.iter().map(|cookie| cookie.as_bytes()).collect();
    let asked = set(url, &bytes, NOW * 1000);
    let mut jar = Jar::default();
    let (_, refused) = jar.merge(asked.cookies, NOW * 1000);
    let all = asked.refused.into_iter().chain(refused).collect();
    (jar, all)
}

/// What goes out to an address after these were set one after another.
fn sent(cookies: &[(&str, &str)], to: &str) -> String {
    let mut jar = Jar::default();
    for (url, cookie) in cookies {
        let asked = set(url, &[cookie.as_bytes()], NOW * 1000);
        jar.merge(asked.cookies, NOW * 1000);
    }
    let url: Url = to.parse().unwrap();
    let value = header_of(&jar.for_url(&url, NOW));
    String::from_utf8(value.expose().to_vec()).unwrap()
}

fn why(url: &str, cookie: &str) -> &'static str {
    let (_, refused) = tried(url, &[cookie]);
    refused
        .first()
        .map_or("kept", |refused| refused.why.as_str())
}

const API: &str = "https://api.shop.example.co.uk/orders/1";

#[test]
fn t21_a_cookie_is_for_the_host_or_a_parent_that_is_no_public_suffix() {
    for kept in [
        "a=1",
        "a=1; Domain=api.shop.example.co.uk",
        "a=1; Domain=shop.example.co.uk",
        "a=1; Domain=.example.co.uk",
        "a=1; Domain=EXAMPLE.co.uk",
        "a=1; Domain=",
    ] {
        assert_eq!(why(API, kept), "kept", "{kept}");
    }
    for foreign in [
        "a=1; Domain=co.uk",
        "a=1; Domain=uk",
        "a=1; Domain=other.co.uk",
        "a=1; Domain=x.api.shop.example.co.uk",
        "a=1; Domain=ample.co.uk",
        "a=1; Domain=localhost",
        "a=1; Domain=127.0.0.1",
    ] {
        assert_eq!(why(API, foreign), "foreign", "{foreign}");
    }
    assert_eq!(
        why("https://me.github.io/", "a=1; Domain=github.io"),
        "foreign"
    );
    assert_eq!(
        why("http://localhost:8000/", "a=1; Domain=localhost"),
        "kept"
    );
    assert_eq!(
        why("http://127.0.0.1:8000/", "a=1; Domain=localhost"),
        "foreign"
    );
    assert_eq!(
        why("http://127.0.0.1:8000/", "a=1; Domain=0.0.1"),
        "foreign"
    );
    assert_eq!(why("https://[::1]/", "a=1; Domain=[::1]"), "kept");
}

#[test]
fn t21_prefixes_keep_their_promise() {
    for (cookie, wanted) in [
        ("__Host-a=1; Secure; Path=/", "kept"),
        ("__Host-a=1; Secure", "prefix"),
        ("__Host-a=1; Path=/", "prefix"),
        ("__HOST-a=1; Path=/", "prefix"),
        ("__Host-a=1; Secure; Path=/; Domain=example.co.uk", "prefix"),
        ("__Secure-a=1; Secure", "kept"),
        ("__Secure-a=1", "prefix"),
        ("a=1; SameSite=None", "insecure"),
        ("a=1; SameSite=None; Secure", "kept"),
    ] {
        assert_eq!(why(API, cookie), wanted, "{cookie}");
    }
    assert_eq!(why("http://id.example/", "a=1; Secure"), "insecure");
}

#[test]
fn t21_a_flood_is_bounded_and_what_is_refused_is_listed() {
    let all: Vec<String> = (0..500).map(|number| format!("c{number}=1")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let (jar, refused) = tried(API, &all);
    assert_eq!(jar.live(NOW).count(), MOST);
    assert_eq!(refused.len(), 450);
    assert_eq!(
        refused[0],
        Refused {
            name: "c50".into(),
            why: CookieFault::TooMany
        }
    );
    // One that is known already may be set again.
    let (_, refused) = tried(API, &[&all[..], &["c0=2"]].concat());
    assert_eq!(refused.len(), 450);
    let long = format!("a={}", "v".repeat(1_000_000));
    assert_eq!(why(API, &long), "too_long");
    let path = format!("a=1; Path=/{}", "p".repeat(2000));
    let (jar, _) = tried(API, &[&path]);
    assert_eq!(jar.live(NOW).next().unwrap().path, "/orders");
}

#[test]
fn longer_paths_go_first_then_older_cookies() {
    let api = "https://a.example/v1/orders/1";
    let order = sent(
        &[
            (api, "b=1; Path=/"),
            (api, "c=2; Path=/v1/orders"),
            (api, "a=3; Path=/"),
            (api, "d=4; Path=/v1"),
            (api, "b=5; Path=/"),
            (api, "z=6; Path=/v2"),
            (api, "a=7; Path=/v1/orders"),
        ],
        api,
    );
    assert_eq!(order, "c=2; a=7; d=4; b=5; a=3");
}

#[test]
fn a_cookie_is_merged_by_name_domain_path_alone() {
    let api = "https://a.b.example/x/y";
    let all = sent(
        &[
            (api, "s=1"),
            (api, "s=2; Path=/x/"),
            (api, "s=3; Domain=b.example"),
            (api, "S=4"),
            (api, "s=5"),
            ("https://a.b.example/", "gone=1; Path=/"),
            ("https://a.b.example/", "gone=; Path=/; Max-Age=0"),
        ],
        api,
    );
    assert_eq!(all, "s=2; s=5; s=3; S=4");
    let local = "http://127.0.0.1:8000/";
    assert_eq!(
        sent(&[(local, "s=1"), (local, "s=2; Domain=127.0.0.1")], local),
        "s=2"
    );
    let local = "http://localhost:8000/";
    assert_eq!(
        sent(&[(local, "s=1"), (local, "s=2; Domain=localhost")], local),
        "s=2"
    );
}

#[test]
fn a_value_goes_back_byte_by_byte() {
    let url: Url = "https://a.example/".parse().unwrap();
    for value in [
        &b"\"quoted\""[..],
        b"a b",
        b"a=b==",
        b"a,b",
        b"%7B%22a%22%3A1%7D",
        b"{\"a\":1}",
        b"Zo\xc3\xab",
        b"caf\xe9",
        b"\\",
        b"x\ty",
        b"",
    ] {
        let cookie = [&b"n="[..], value, b"; Path=/"].concat();
        let asked = set(url.as_str(), &[&cookie], NOW * 1000);
        let mut jar = Jar::default();
        jar.merge(asked.cookies, NOW * 1000);
        let stored = Jar::read(&jar.kept().unwrap()).unwrap();
        assert_eq!(stored, jar);
        let out = header_of(&stored.for_url(&url, NOW));
        assert_eq!(out.expose(), [&b"n="[..], value].concat(), "{value:?}");
    }
}

#[test]
fn max_age_wins_over_expires() {
    let end = |cookie: &str| {
        tried(API, &[cookie])
            .0
            .live(NOW)
            .next()
            .map(|one| one.expires_at)
    };
    let later = "Fri, 31-Dec-32 23:59:59 GMT";
    assert_eq!(
        end(&format!("a=1; Max-Age=60; Expires={later}")),
        Some(Some(NOW + 60))
    );
    assert_eq!(
        end("a=1; Expires=Thu, 01-Jan-70 00:00:01 GMT; Max-Age=60"),
        Some(Some(NOW + 60))
    );
    assert_eq!(end(&format!("a=1; Max-Age=0; Expires={later}")), None);
    assert_eq!(
        end(&format!("a=1; Max-Age=soon; Expires={later}")),
        Some(Some(1_988_150_399))
    );
    assert_eq!(end("a=1; Expires=soon"), Some(None));
}

#[test]
fn an_older_answer_changes_nothing_newer() {
    let api = "https://a.example/";
    let at =
        |cookie: &str, seconds: i64| set(api, &[cookie.as_bytes()], (NOW + seconds) * 1000).cookies;
    let value = |jar: &Jar| {
        let header = header_of(&jar.for_url(&api.parse().unwrap(), NOW + 20));
        String::from_utf8(header.expose().to_vec()).unwrap()
    };
    let now_ms = (NOW + 20) * 1000;
    let mut jar = Jar::default();
    jar.merge(at("s=first", 0), now_ms);
    jar.merge(at("s=renewed", 5), now_ms);
    jar.merge(at("s=slow", 3), now_ms);
    assert_eq!(value(&jar), "s=renewed");
    jar.merge(at("s=; Max-Age=0", 4), now_ms);
    assert_eq!(value(&jar), "s=renewed");
    jar.merge(at("s=; Max-Age=0", 9), now_ms);
    jar.merge(at("s=slow", 8), now_ms);
    assert_eq!(value(&jar), "");
    jar.merge(at("s=again", 10), now_ms);
    assert_eq!(value(&jar), "s=again");
    // A clock that was put back does not freeze the jar.
    jar.merge(at("s=back", -500), NOW * 1000);
    assert_eq!(value(&jar), "s=back");
}

#[test]
fn a_jar_of_an_earlier_version_is_read() {
    let kept = r#"[
      {"raw_cookie":"session=abc=\"1\"; HttpOnly; SameSite=Lax; Secure; Path=/","path":["/",true],"domain":{"HostOnly":"127.0.0.1"},"expires":"SessionEnd"},
      {"raw_cookie":"AWSALB=x; Domain=example.com","path":["/v1",false],"domain":{"Suffix":"example.com"},"expires":{"AtUtc":"2032-12-31T23:59:59Z"}}
    ]"#;
    let jar = Jar::read(&SecretText::new(kept)).unwrap();
    let [session, other] = jar.cookies.as_slice() else {
        panic!("{jar:?}");
    };
    assert_eq!(session.label(), "session");
    assert_eq!(session.value.expose(), b"abc=\"1\"");
    assert!(session.secure && session.http_only && session.host_only);
    assert_eq!(session.same_site.as_deref(), Some("Lax"));
    assert_eq!(other.expires_at, Some(1_988_150_399));
    assert_eq!(
        (other.domain.as_str(), other.host_only),
        ("example.com", false)
    );
    assert!(!format!("{jar:?}").contains("abc"));
}

fn browser(text: &str, url: &str) -> (Format, Vec<(String, Option<&'static str>)>) {
    let url = url.parse().unwrap();
    let (format, found) = read_browser(text.as_bytes(), &url, NOW).unwrap();
    let shown = found
        .iter()
        .map(|one| {
            let value = String::from_utf8_lossy(one.cookie.value.expose()).into_owned();
            (format!("{}={value}", one.cookie.label()), one.unfit)
        })
        .collect();
    (format, shown)
}

#[test]
fn a_cookie_header_is_recognised_in_each_way_of_copying() {
    for text in [
        "sid=a b; t=1==",
        "Cookie: sid=a b; t=1==",
        "\u{feff}cookie: sid=a b; t=1==\r\n",
        "-H 'Cookie: sid=a b; t=1==' \\",
        "> GET / HTTP/1.1\n> Accept: text/html;q=0.9\n> Cookie: sid=a b; t=1==",
        "  sid=a b;\r\n  t=1==  ",
        "GET / HTTP/1.1\nAccept: text/html;q=0.9\nCookie: sid=a b; t=1==\nX: y=z",
        "curl 'https://a.example/' \\\n  -H 'accept: a;q=1' \\\n  -b 'sid=a b; t=1=='",
    ] {
        let (format, found) = browser(text, "https://a.example/");
        assert_eq!(format, Format::CookieHeader, "{text}");
        assert_eq!(
            found,
            [("sid=a b".to_owned(), None), ("t=1==".to_owned(), None)],
            "{text}"
        );
    }
    let url = "https://a.example/".parse().unwrap();
    for text in [
        "",
        "hello",
        "a page = of words",
        "<html>",
        "[]",
        "{}",
        "CLIENT_ID=a\nCLIENT_SECRET=b",
    ] {
        assert_eq!(read_browser(text.as_bytes(), &url, NOW), None, "{text}");
    }
}

#[test]
fn set_cookie_lines_give_the_cookies_that_they_set() {
    let url = "https://a.example/v1";
    let wanted = |all: &[(&str, Option<&'static str>)]| -> Vec<_> {
        let all = all.iter().map(|(text, unfit)| ((*text).to_owned(), *unfit));
        all.collect()
    };
    for text in [
        "Set-Cookie: sid=1; Path=/; HttpOnly",
        "set-cookie: sid=1; path=/\r\n",
        "< HTTP/2 200\n< content-type: text/html\n< set-cookie: sid=1; Path=/; Secure",
        "Set-Cookie: sid=0; Path=/\nSet-Cookie: sid=1; Path=/",
        "> Cookie: sid=0\n< Set-Cookie: sid=1; Path=/",
    ] {
        let (format, found) = browser(text, url);
        assert_eq!(format, Format::CookieHeader, "{text}");
        assert_eq!(found, wanted(&[("sid=1", None)]), "{text}");
    }
    let (_, several) = browser(
        "HTTP/1.1 200 OK\nSet-Cookie: a=1; Path=/\nSet-Cookie: old=1; Max-Age=0\nSet-Cookie: b=2; Path=/v2\n\
         Set-Cookie: foreign=1; Domain=other.example",
        url,
    );
    let expected = [
        ("a=1", None),
        ("old=1", Some("expired")),
        ("b=2", Some("other_address")),
    ];
    assert_eq!(several, wanted(&expected));
}

#[test]
fn a_cookies_file_gives_those_of_the_address() {
    let text = "\u{feff}# Netscape HTTP Cookie File\r\n\
        #HttpOnly_.example.com\tTRUE\t/\tTRUE\t0\tsid\ta=\"b\"\r\n\
        a.example.com\tFALSE\t/v1\tFALSE\t1988150399\tpath\t1\r\n\
        a.example.com\tFALSE\t/v2\tFALSE\t0\tother\t1\r\n\
        b.example.com\tFALSE\t/\tFALSE\t0\thost\t1\r\n\
        a.example.com\tFALSE\t/\tFALSE\t1600000000\told\t1\r\n\
        a.example.com\tFALSE\t/\tFALSE\t0\tse;ss\t1\r\n\
        a.example.com\tFALSE\t/\tFALSE\t0\tsess\tx; admin=1\r\n\
        a.example.com\tFALSE\t/\tFALSE\t0\tempty\t\r\n";
    let (format, found) = browser(text, "https://a.example.com/v1/orders");
    assert_eq!(format, Format::CookiesFile);
    let wanted = [
        ("sid=a=\"b\"", None),
        ("path=1", None),
        ("other=1", Some("other_address")),
        ("host=1", Some("other_address")),
        ("old=1", Some("expired")),
        ("empty=", None),
    ];
    assert_eq!(found, wanted.map(|(text, unfit)| (text.to_owned(), unfit)));
    let (_, whole_host) = browser(text, "https://a.example.com");
    assert_eq!(
        whole_host[2].1, None,
        "an address without a path is the whole host"
    );
}

#[test]
fn an_archive_gives_the_last_value_of_each_cookie() {
    let text = r#"{"log":{"version":"1.2","entries":[
      {"startedDateTime":"2026-11-29T07:00:00.000Z",
       "request":{"url":"https://a.example/login","cookies":[{"name":"sid","value":"old"}],"headers":[]},
       "response":{"headers":[{"name":"Set-Cookie","value":"sid=new; Path=/; HttpOnly\nAWSALB=x; Path=/"}]}},
      {"startedDateTime":"2026-11-29T07:00:01.000Z",
       "request":{"url":"https://a.example/v1","cookies":[],"headers":[{"name":"cookie","value":"sid=newer; AWSALB=x; js=1"}]},
       "response":{"headers":[]}},
      {"startedDateTime":"2026-11-29T07:00:02.000Z",
       "request":{"url":"https://b.example/","cookies":[{"name":"b","value":"1"}]},"response":{}},
      {"startedDateTime":"2026-11-29T07:00:03.000Z",
       "request":{"url":"https://a.example:8443/admin","cookies":[{"name":"sid","value":"of another port"}]},"response":{}},
      {"startedDateTime":"2026-11-29T07:00:04.000Z",
       "request":{"url":"https://a.example/v1","cookies":[{"name":"b;c","value":"1"},{"name":"d","value":"1; e=2"}]},
       "response":{}}
    ]}}"#;
    let (format, found) = browser(text, "https://a.example/v1");
    assert_eq!(format, Format::Har);
    let wanted = ["sid=newer", "AWSALB=x", "js=1"].map(|text| (text.to_owned(), None));
    assert_eq!(found, wanted);
}

#[test]
fn a_cookie_seen_only_in_a_request_is_replaced_by_its_name() {
    let url: Url = "https://a.example.com/v1".parse().unwrap();
    let (_, found) = read_browser(b"sid=pasted", &url, NOW).unwrap();
    let mut jar = Jar::default();
    jar.merge(
        found.into_iter().map(|one| one.cookie).collect(),
        NOW * 1000,
    );
    let renewed = set(
        url.as_str(),
        &[b"sid=renewed; Domain=example.com; Path=/v1"],
        NOW * 1000,
    );
    jar.merge(renewed.cookies, NOW * 1000);
    let jar = Jar::read(&jar.kept().unwrap()).unwrap();
    assert_eq!(header_of(&jar.for_url(&url, NOW)).expose(), b"sid=renewed");
}

#[test]
fn an_answer_that_clears_its_site_ends_all_cookies_from_before() {
    let with = |url: &str, value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(CLEAR_SITE_DATA, HeaderValue::from_str(value).unwrap());
        asked(&url.parse().unwrap(), &headers, NOW * 1000, NOW).clears
    };
    for value in ["\"cookies\"", "\"cache\", \"cookies\"", "\"*\""] {
        assert!(with(API, value), "{value}");
        assert!(with("http://127.0.0.1:9/", value), "{value}");
        assert!(!with("http://api.example/", value), "{value}");
    }
    for value in ["\"cache\"", "cookies", ""] {
        assert!(!with(API, value), "{value}");
    }
    let now_ms = NOW * 1000;
    let mut jar = Jar::default();
    jar.merge(set(API, &[b"a=1"], now_ms - 900).cookies, now_ms);
    jar.merge(set(API, &[b"later=1"], now_ms - 100).cookies, now_ms);
    assert!(jar.clear(now_ms - 500, now_ms));
    let left: Vec<String> = jar.live(NOW).map(Cookie::label).collect();
    assert_eq!(left, ["later"]);
}

//! Where the private part of a key is, and where it is not.

use keywright_tests::{Cli, OidcProvider, byte_forms, files_with_forms};

use super::{file, fresh, register};

/// The number that is the secret of a key on P-256, as SEC 1 has it in PKCS#8.
fn private_part(der: &[u8]) -> Vec<u8> {
    let before = [0x02, 0x01, 0x01, 0x04, 0x20];
    let at = der.windows(5).position(|bytes| bytes == before).unwrap() + 5;
    der[at..at + 32].to_vec()
}

#[test]
fn t40_no_private_key_is_in_a_file_or_in_output() {
    let server = OidcProvider::open();
    let cli = Cli::with_vault().env("KEYWRIGHT_LOG", "trace");
    cli.config("Work", &server.issuer, &[]);
    let pairs = [(); 2].map(|()| rcgen::KeyPair::generate().unwrap());
    let forms = pairs
        .each_ref()
        .map(|pair| byte_forms(&private_part(&pair.serialize_der())));
    let sources = [("first.pem", &pairs[0]), ("second.pem", &pairs[1])]
        .map(|(name, pair)| file(&cli, name, &pair.serialize_pem()));

    let har = cli.home().join("all.har").to_string_lossy().into_owned();
    let mut printed = vec![register(&cli, "orders", &["--client-key", &sources[0]])];
    fresh(&cli, "orders");
    for words in [
        &["key", "list", "orders"][..],
        &["key", "import", "orders", "--key", &sources[1]],
        &["key", "rotate", "orders"],
        &["token", "get", "orders", "--refresh"],
        &["token", "get", "orders", "--format", "curl"],
        &["app", "show", "orders", "--reveal"],
        &["app", "refresh", "orders"],
        &["key", "list", "orders"],
        &["activity", "list", "--limit", "200"],
        &["activity", "export", "--har", &har],
    ] {
        printed.push(cli.run(words));
    }
    let listed = cli.run(&["activity", "list", "--limit", "200"]).json();
    for one in listed["items"].as_array().unwrap() {
        printed.push(cli.run(&["activity", "show", one["id"].as_str().unwrap()]));
    }
    for output in &printed {
        assert_eq!(output.code, 0, "{output:?}");
        for form in forms.iter().flatten() {
            let holds = |text: &str| text.as_bytes().windows(form.len()).any(|one| one == form);
            assert!(!holds(&output.out) && !holds(&output.err), "printed");
        }
    }
    let found = files_with_forms(&cli.home(), &forms);
    assert!(found.is_empty(), "private keys in {found:?}");

    // The search finds a planted key.
    let planted = cli.home().join("planted");
    std::fs::write(&planted, pairs[0].serialize_der()).unwrap();
    assert_eq!(files_with_forms(&cli.home(), &forms), [(planted, 0)]);
}
